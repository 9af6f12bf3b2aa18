namespace SegmentEngine.Storage.Schema;

/// <summary>
/// The tables with many rows, in plain SQL: they use what EF Core cannot say (<c>strict</c>, <c>without rowid</c>, partial indexes), and only prepared statements touch them.
/// Instants are ticks of 100 ns since 0001-01-01 UTC; outer ids are UUIDs in small letters.
/// A published text of a version never changes: a change is a new constant and a new migration.
/// </summary>
internal static class HotTables
{
    public const string Version1 = """
        create table contacts (
          number integer primary key autoincrement,
          workspace integer not null,
          shard integer not null,
          id text not null,
          external_id text,
          email text,
          email_key text,
          phone_number text,
          name text,
          created_at integer not null,
          updated_at integer not null,
          last_seen_at integer,
          custom_data text not null,
          non_verified_custom_data text not null,
          lists text not null,
          sequences text not null,
          lists_changed integer not null default 0
        ) strict;
        create unique index contacts_by_id on contacts (workspace, id);
        create unique index contacts_by_external_id on contacts (workspace, external_id) where external_id is not null;
        create unique index contacts_by_email on contacts (workspace, email_key) where email_key is not null;
        create index contacts_by_phone_number on contacts (workspace, phone_number) where phone_number is not null;
        create index contacts_by_workspace on contacts (workspace);
        create index contacts_by_shard on contacts (workspace, shard);
        create index contacts_on_lists on contacts (workspace, number) where lists <> '[]';

        create table suppressed (
          workspace integer not null,
          digest blob not null,
          at integer not null,
          primary key (workspace, digest)
        ) strict, without rowid;

        create table belonging_names (
          workspace integer not null,
          kind text not null,
          name text not null,
          primary key (workspace, kind, name)
        ) strict, without rowid;

        create table event_names (
          number integer primary key,
          workspace integer not null references workspaces (number),
          name text not null,
          unique (workspace, name)
        ) strict;

        create table events (
          number integer primary key,
          contact_no integer not null,
          name_no integer not null,
          shard integer not null,
          at integer not null,
          properties text not null
        ) strict;
        create index events_by_name on events (name_no, shard);

        create table events_by_contact (
          contact_no integer not null,
          number integer not null,
          primary key (contact_no, number)
        ) strict, without rowid;

        create table message_ids (
          workspace integer not null,
          digest blob not null,
          primary key (workspace, digest)
        ) strict, without rowid;

        create table recent_message_ids (
          workspace integer not null,
          digest blob not null,
          primary key (workspace, digest)
        ) strict, without rowid;

        create table settled (
          one integer primary key check (one = 1),
          event_number integer not null
        ) strict;
        insert into settled values (1, 0);

        create table memberships (
          segment_no integer not null,
          contact_no integer not null,
          since integer not null,
          revision integer not null,
          primary key (segment_no, contact_no)
        ) strict, without rowid;

        create view membership_list as
          select workspaces.id as workspace_id, segments.id as segment_id, segments.name as segment, contacts.id as contact_id, contacts.external_id as external_id,
            strftime('%Y-%m-%dT%H:%M:%SZ', memberships.since / 10000000 - 62135596800, 'unixepoch') as since, memberships.revision as revision
          from memberships
          join segments on segments.number = memberships.segment_no
          join contacts on contacts.number = memberships.contact_no
          join workspaces on workspaces.number = contacts.workspace;

        create table membership_changes (
          number integer primary key,
          segment_no integer not null,
          contact_no integer not null,
          entered integer not null,
          at integer not null,
          cause text not null,
          revision integer not null
        ) strict;
        create index membership_changes_by_segment on membership_changes (segment_no);
        create index membership_changes_by_contact on membership_changes (contact_no);

        create table membership_change_blocks (
          number integer primary key,
          segment_no integer not null,
          block integer not null,
          entered integer not null,
          at integer not null,
          cause text not null,
          revision integer not null,
          contact_count integer not null,
          contacts blob not null
        ) strict;
        create index membership_change_blocks_by_segment on membership_change_blocks (segment_no);
        create index membership_change_blocks_by_block on membership_change_blocks (block);

        create table segment_sizes (
          segment_no integer not null,
          at integer not null,
          members integer not null,
          primary key (segment_no, at)
        ) strict, without rowid;

        create table audit_log (
          number integer primary key,
          workspace integer not null references workspaces (number),
          at integer not null,
          actor text not null,
          action text not null,
          target text not null,
          revision integer,
          hash blob not null
        ) strict;
        create index audit_log_by_workspace on audit_log (workspace, number);

        create table webhooks (
          number integer primary key autoincrement,
          workspace integer not null references workspaces (number),
          id text not null unique,
          url text not null,
          segment_no integer,
          secret text not null,
          is_active integer not null,
          created_at integer not null
        ) strict;
        create index webhooks_by_workspace on webhooks (workspace);

        create table outbox (
          number integer primary key autoincrement,
          webhook integer not null references webhooks (number),
          segment_no integer not null,
          contact_no integer not null,
          entered integer not null,
          at integer not null,
          cause text not null,
          revision integer not null,
          is_dead integer not null
        ) strict;
        create index outbox_by_webhook on outbox (webhook, is_dead, number);
        create index outbox_by_contact on outbox (contact_no);

        create table webhook_deliveries (
          number integer primary key autoincrement,
          webhook integer not null references webhooks (number),
          at integer not null,
          first_sequence integer not null,
          last_sequence integer not null,
          events integer not null,
          status integer,
          error text,
          milliseconds integer not null
        ) strict;
        create index webhook_deliveries_by_webhook on webhook_deliveries (webhook, number);

        create table dirty_contacts (
          workspace integer not null,
          shard integer not null,
          contact_no integer not null,
          first_mark integer not null,
          mark integer not null,
          primary key (workspace, shard, contact_no)
        ) strict, without rowid;
        create index dirty_contacts_by_age on dirty_contacts (workspace, shard, first_mark);

        create table shards (
          workspace integer not null references workspaces (number),
          shard integer not null,
          generation integer not null default 0,
          revision integer not null default 0,
          evaluated_at integer,
          lease_owner text,
          lease_epoch integer not null default 0,
          lease_until integer not null default 0,
          primary key (workspace, shard)
        ) strict, without rowid;
        """;
}
