using Microsoft.EntityFrameworkCore.Migrations;
using SegmentEngine.Storage.Schema;

#nullable disable

namespace SegmentEngine.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "workspaces",
                columns: table => new
                {
                    number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    time_zone = table.Column<string>(type: "TEXT", nullable: false),
                    shard_count = table.Column<int>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    trait_schema = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    history_days = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_workspaces", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "actions",
                columns: table => new
                {
                    workspace = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    description = table.Column<string>(type: "TEXT", nullable: true),
                    payload = table.Column<string>(type: "TEXT", nullable: true),
                    is_restricted = table.Column<bool>(type: "INTEGER", nullable: false),
                    restricted_to_channels = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_actions", x => new { x.workspace, x.id });
                    table.ForeignKey(
                        name: "FK_actions_workspaces_workspace",
                        column: x => x.workspace,
                        principalTable: "workspaces",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    public_id = table.Column<string>(type: "TEXT", nullable: false),
                    secret_hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    workspace = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    scopes = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    revoked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    last_used_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.public_id);
                    table.ForeignKey(
                        name: "FK_api_keys_workspaces_workspace",
                        column: x => x.workspace,
                        principalTable: "workspaces",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "directories",
                columns: table => new
                {
                    workspace = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    is_restricted = table.Column<bool>(type: "INTEGER", nullable: false),
                    restricted_to_channels = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_directories", x => new { x.workspace, x.id });
                    table.ForeignKey(
                        name: "FK_directories_workspaces_workspace",
                        column: x => x.workspace,
                        principalTable: "workspaces",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "instructions",
                columns: table => new
                {
                    workspace = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    title = table.Column<string>(type: "TEXT", nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", nullable: false),
                    is_draft = table.Column<bool>(type: "INTEGER", nullable: false),
                    directory_id = table.Column<string>(type: "TEXT", nullable: true),
                    start_time = table.Column<long>(type: "INTEGER", nullable: true),
                    end_time = table.Column<long>(type: "INTEGER", nullable: true),
                    is_restricted = table.Column<bool>(type: "INTEGER", nullable: false),
                    restricted_to_channels = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_instructions", x => new { x.workspace, x.id });
                    table.ForeignKey(
                        name: "FK_instructions_directories_workspace_directory_id",
                        columns: x => new { x.workspace, x.directory_id },
                        principalTable: "directories",
                        principalColumns: new[] { "workspace", "id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_instructions_workspaces_workspace",
                        column: x => x.workspace,
                        principalTable: "workspaces",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "segments",
                columns: table => new
                {
                    number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    workspace = table.Column<long>(type: "INTEGER", nullable: false),
                    name_key = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    description = table.Column<string>(type: "TEXT", nullable: true),
                    status = table.Column<string>(type: "TEXT", nullable: false),
                    draft = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    published_revision = table.Column<int>(type: "INTEGER", nullable: true),
                    computed_revision = table.Column<int>(type: "INTEGER", nullable: true),
                    evaluated_at = table.Column<long>(type: "INTEGER", nullable: true),
                    emptied = table.Column<int>(type: "INTEGER", nullable: false),
                    has_lists = table.Column<bool>(type: "INTEGER", nullable: false),
                    tags = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_segments", x => x.number);
                    table.ForeignKey(
                        name: "FK_segments_workspaces_workspace",
                        column: x => x.workspace,
                        principalTable: "workspaces",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "restrictions",
                columns: table => new
                {
                    workspace = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    item = table.Column<string>(type: "TEXT", nullable: false),
                    segment = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_restrictions", x => new { x.workspace, x.kind, x.item, x.segment });
                    table.ForeignKey(
                        name: "FK_restrictions_segments_segment",
                        column: x => x.segment,
                        principalTable: "segments",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "segment_revisions",
                columns: table => new
                {
                    segment = table.Column<long>(type: "INTEGER", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    definition = table.Column<string>(type: "TEXT", nullable: false),
                    author = table.Column<string>(type: "TEXT", nullable: true),
                    note = table.Column<string>(type: "TEXT", nullable: true),
                    published_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_segment_revisions", x => new { x.segment, x.number });
                    table.ForeignKey(
                        name: "FK_segment_revisions_segments_segment",
                        column: x => x.segment,
                        principalTable: "segments",
                        principalColumn: "number",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_workspace",
                table: "api_keys",
                column: "workspace");

            migrationBuilder.CreateIndex(
                name: "IX_instructions_workspace_directory_id",
                table: "instructions",
                columns: new[] { "workspace", "directory_id" });

            migrationBuilder.CreateIndex(
                name: "IX_restrictions_segment",
                table: "restrictions",
                column: "segment");

            migrationBuilder.CreateIndex(
                name: "IX_segments_workspace_id",
                table: "segments",
                columns: new[] { "workspace", "id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_segments_workspace_name_key",
                table: "segments",
                columns: new[] { "workspace", "name_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_workspaces_id",
                table: "workspaces",
                column: "id",
                unique: true);

            migrationBuilder.Sql(HotTables.Version1);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop view membership_list");
            migrationBuilder.DropTable(name: "shards");
            migrationBuilder.DropTable(name: "dirty_contacts");
            migrationBuilder.DropTable(name: "membership_change_blocks");
            migrationBuilder.DropTable(name: "membership_changes");
            migrationBuilder.DropTable(name: "memberships");
            migrationBuilder.DropTable(name: "settled");
            migrationBuilder.DropTable(name: "recent_message_ids");
            migrationBuilder.DropTable(name: "message_ids");
            migrationBuilder.DropTable(name: "events_by_contact");
            migrationBuilder.DropTable(name: "events");
            migrationBuilder.DropTable(name: "event_names");
            migrationBuilder.DropTable(name: "contacts");
            migrationBuilder.DropTable(
                name: "actions");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "instructions");

            migrationBuilder.DropTable(
                name: "directories");

            migrationBuilder.DropTable(
                name: "restrictions");

            migrationBuilder.DropTable(
                name: "segment_revisions");

            migrationBuilder.DropTable(
                name: "segments");

            migrationBuilder.DropTable(
                name: "workspaces");
        }
    }
}
