using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>Writes actions, instructions and directories, and has what follows from it known: messages after the answer are gated on it.</summary>
public sealed class GatedItemWrites(GatedItems items, WorkspaceEngines engine, TimeProvider clock)
{
    private Instant Now => Instant.From(clock.GetUtcNow());

    /// <param name="store">Of the item's kind.</param>
    /// <param name="item">The new item.</param>
    /// <param name="path">Of the kind; the new item is below it.</param>
    /// <param name="show">The item as it is answered, with its revision.</param>
    /// <param name="caller">Whose workspace.</param>
    /// <param name="cancel">Ends the wait for the writer.</param>
    public async Task<Results<Created<TShown>, Refusal>> Create<TItem, TShown>(
        GatedItemStore<TItem> store, TItem item, string path, Func<TItem, long, TShown> show, Caller caller, CancellationToken cancel)
        where TItem : GatedItem
    {
        try
        {
            var (created, revision) = await store.Create(caller.Workspace, item, Now, cancel);
            engine.ContactsChanged(caller.Workspace);
            return TypedResults.Created($"{path}/{created.Id}", show(created, revision));
        }
        catch (NotInWorkspaceException missing)
        {
            return Missing(missing);
        }
        finally
        {
            items.Forget(caller.Workspace);
        }
    }

    public async Task<Results<Ok<TShown>, Refusal>> Edit<TItem, TShown>(
        GatedItemStore<TItem> store, Guid id, Func<TItem, TItem> change, RestrictionChange restriction, Func<TItem, long, TShown> show, Caller caller, CancellationToken cancel)
        where TItem : GatedItem
    {
        try
        {
            if (await store.Update(caller.Workspace, id, change, restriction, Now, cancel) is not { } edited)
            {
                return Refusal.NotFound;
            }

            engine.ContactsChanged(caller.Workspace);
            return TypedResults.Ok(show(edited.Value, edited.Revision));
        }
        catch (NotInWorkspaceException missing)
        {
            return Missing(missing);
        }
        finally
        {
            items.Forget(caller.Workspace);
        }
    }

    public async Task<Results<Ok<Written>, Refusal>> Delete<TItem>(GatedItemStore<TItem> store, Guid id, Caller caller, CancellationToken cancel)
        where TItem : GatedItem
    {
        try
        {
            if (await store.Delete(caller.Workspace, id, cancel) is not { } revision)
            {
                return Refusal.NotFound;
            }

            engine.ContactsChanged(caller.Workspace);
            return TypedResults.Ok(new Written { Revision = revision });
        }
        catch (StoreConflictException conflict)
        {
            return Refusal.Conflict(conflict.Message);
        }
        finally
        {
            items.Forget(caller.Workspace);
        }
    }

    private static Refusal Missing(NotInWorkspaceException missing) => missing.What switch
    {
        MissingThing.Directory => Refusal.BadRequest("$.directory_id", "unknown_directory", missing.Message),
        _ => Refusal.BadRequest("$.restricted_to_segments", "unknown_segment", missing.Message),
    };
}
