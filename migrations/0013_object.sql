create table object (
	recording uuid not null references recording on delete cascade,
	name      text not null,
	sha256    text not null,
	bytes     bigint not null,
	verified  timestamptz,
	problem   text not null default '',
	primary key (recording, name)
);
create index on object (verified nulls first);
comment on table object is 'what the object store must hold of a recording: the key is recording/name';
comment on column object.sha256 is 'of what was put, before it was sealed';
comment on column object.verified is 'when it was last read whole and compared';
comment on column object.problem is 'what was wrong with it then; empty where nothing was';
insert into object (recording, name, sha256, bytes) select id, 'original', sha256, bytes from recording;

alter table recording add column batch boolean not null default false;
comment on column recording.batch is 'may wait until nobody''s other work waits';

create table chore (
	name text primary key,
	done timestamptz not null default now()
);
comment on table chore is 'what one of all workers does now and then, and when one last did';
