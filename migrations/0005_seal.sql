create table sealing_key (
	recording uuid primary key,
	master    text not null,
	wrapped   bytea not null,
	made      timestamptz not null default now()
);
comment on table sealing_key is 'the key that a recording''s objects are sealed with, itself sealed with a master key that is not in the database';
comment on column sealing_key.recording is 'no reference: objects stand before the row of their recording';
comment on column sealing_key.master is 'age recipient of the master key';
