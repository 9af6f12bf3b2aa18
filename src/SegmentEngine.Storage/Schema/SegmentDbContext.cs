using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage.Schema;

/// <summary>
/// The management tables: few rows, read and written one at a time. The hot tables are in <see cref="HotTables"/>; migrations make both.
/// It takes part in the connection's own transaction and never starts one.
/// </summary>
internal sealed class SegmentDbContext(SqliteConnection? connection) : DbContext
{
    /// <summary>For <c>dotnet ef migrations</c>, which reads the model and opens nothing.</summary>
    public SegmentDbContext()
        : this(null)
    {
    }

    public DbSet<Workspace> Workspaces => Set<Workspace>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<Person> People => Set<Person>();
    public DbSet<StoredSegment> Segments => Set<StoredSegment>();
    public DbSet<StoredRevision> Revisions => Set<StoredRevision>();
    public DbSet<StoredAction> Actions => Set<StoredAction>();
    public DbSet<StoredInstruction> Instructions => Set<StoredInstruction>();
    public DbSet<StoredDirectory> Directories => Set<StoredDirectory>();
    public DbSet<RestrictionRow> Restrictions => Set<RestrictionRow>();

    protected override void OnConfiguring(DbContextOptionsBuilder options)
    {
        _ = connection is null ? options.UseSqlite() : options.UseSqlite(connection);
        _ = options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        _ = conventions.Properties<Instant>().HaveConversion<InstantAsTicks>();
        _ = conventions.Properties<WorkspaceId>().HaveConversion<WorkspaceIdAsText>();
        _ = conventions.Properties<SegmentId>().HaveConversion<SegmentIdAsText>();
        _ = conventions.Properties<Guid>().HaveConversion<GuidAsText>();
        _ = conventions.Properties<IReadOnlyList<string>>().HaveConversion<TextsAsJson, TextsCompared>();
        _ = conventions.Properties<SegmentStatus>().HaveConversion<StatusAsText>();
        _ = conventions.Properties<ItemKind>().HaveConversion<KindAsText>();
        _ = conventions.Properties<PersonRole>().HaveConversion<RoleAsText>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        _ = model.Entity<Workspace>(table =>
        {
            _ = table.ToTable("workspaces");
            Numbered(table, workspace => workspace.Number);
            _ = table.HasIndex(workspace => workspace.Id).IsUnique();
        });
        _ = model.Entity<ApiKey>(table =>
        {
            _ = table.ToTable("api_keys");
            _ = table.HasKey(key => key.PublicId);
            _ = table.Property(key => key.SecretHash);
            _ = table.Ignore(key => key.Workspace);
            _ = table.Property(key => key.WorkspaceNumber).HasColumnName("workspace");
            _ = table.HasOne<Workspace>().WithMany().HasForeignKey(key => key.WorkspaceNumber);
        });
        _ = model.Entity<Person>(table =>
        {
            _ = table.ToTable("people");
            Numbered(table, person => person.Number);
            _ = table.Ignore(person => person.Workspace);
            _ = table.Property(person => person.WorkspaceNumber).HasColumnName("workspace");
            _ = table.HasOne<Workspace>().WithMany().HasForeignKey(person => person.WorkspaceNumber);
            _ = table.HasIndex(person => person.Id).IsUnique();
            _ = table.HasIndex(person => person.EmailKey).IsUnique();
        });
        _ = model.Entity<StoredSegment>(table =>
        {
            _ = table.ToTable("segments");
            Numbered(table, segment => segment.Number);
            _ = table.Property(segment => segment.Workspace);
            _ = table.Property(segment => segment.NameKey);
            _ = table.HasOne<Workspace>().WithMany().HasForeignKey(segment => segment.Workspace);
            _ = table.HasIndex(segment => new { segment.Workspace, segment.Id }).IsUnique();
            _ = table.HasIndex(segment => new { segment.Workspace, segment.NameKey }).IsUnique();
        });
        _ = model.Entity<StoredRevision>(table =>
        {
            _ = table.ToTable("segment_revisions");
            _ = table.Property(revision => revision.Segment);
            _ = table.HasKey(revision => new { revision.Segment, revision.Number });
            _ = table.Property(revision => revision.Number).ValueGeneratedNever();
            _ = table.HasOne<StoredSegment>().WithMany().HasForeignKey(revision => revision.Segment);
        });
        _ = model.Entity<StoredAction>(table => Gated(table, "actions"));
        _ = model.Entity<StoredDirectory>(table => Gated(table, "directories"));
        _ = model.Entity<StoredInstruction>(table =>
        {
            Gated(table, "instructions");
            _ = table.HasOne<StoredDirectory>().WithMany().HasForeignKey(instruction => new { instruction.Workspace, instruction.DirectoryId }).OnDelete(DeleteBehavior.Restrict);
        });
        _ = model.Entity<RestrictionRow>(table =>
        {
            _ = table.ToTable("restrictions");
            _ = table.HasKey(restriction => new { restriction.Workspace, restriction.Kind, restriction.Item, restriction.Segment });
            _ = table.HasIndex(restriction => restriction.Segment);
            _ = table.HasOne<StoredSegment>().WithMany().HasForeignKey(restriction => restriction.Segment).OnDelete(DeleteBehavior.Cascade);
        });

        foreach (var property in model.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(property.FindAnnotation("Relational:ColumnName")?.Value as string ?? SnakeCase(property.Name));
        }
    }

    /// <summary>A number that is never given twice, not even after its row is deleted.</summary>
    private static void Numbered<T>(EntityTypeBuilder<T> table, System.Linq.Expressions.Expression<Func<T, object?>> number)
        where T : class
    {
        _ = table.HasKey(number);
        _ = table.Property<long>("Number").ValueGeneratedOnAdd();
    }

    private static void Gated<T>(EntityTypeBuilder<T> table, string name)
        where T : GatedItem
    {
        _ = table.ToTable(name);
        _ = table.Property(item => item.Workspace);
        _ = table.HasKey(item => new { item.Workspace, item.Id });
        _ = table.Ignore(item => item.RestrictedToSegments);
        _ = table.HasOne<Workspace>().WithMany().HasForeignKey(item => item.Workspace);
    }

    private static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private sealed class InstantAsTicks() : ValueConverter<Instant, long>(instant => instant.Ticks, ticks => new(ticks));

    private sealed class GuidAsText() : ValueConverter<Guid, string>(id => id.ToString(), text => Guid.Parse(text));

    private sealed class WorkspaceIdAsText() : ValueConverter<WorkspaceId, string>(id => id.Value.ToString(), text => new(Guid.Parse(text)));

    private sealed class SegmentIdAsText() : ValueConverter<SegmentId, string>(id => id.Value.ToString(), text => new(Guid.Parse(text)));

    private sealed class StatusAsText() : ValueConverter<SegmentStatus, string>(status => SnakeCase(status.ToString()), text => Enum.Parse<SegmentStatus>(text, true));

    private sealed class KindAsText() : ValueConverter<ItemKind, string>(kind => SnakeCase(kind.ToString()), text => Enum.Parse<ItemKind>(text, true));

    private sealed class RoleAsText() : ValueConverter<PersonRole, string>(role => SnakeCase(role.ToString()), text => Enum.Parse<PersonRole>(text, true));

    private sealed class TextsAsJson() : ValueConverter<IReadOnlyList<string>, string>(
        texts => JsonSerializer.Serialize(texts, JsonSerializerOptions.Default),
        json => JsonSerializer.Deserialize<string[]>(json, JsonSerializerOptions.Default)!);

    private sealed class TextsCompared() : ValueComparer<IReadOnlyList<string>>(
        (left, right) => left == right || (left != null && right != null && left.SequenceEqual(right)),
        texts => texts.Count);
}
