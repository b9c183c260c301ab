create table assignment (
	recording uuid not null references recording on delete cascade,
	coder     text not null,
	blind     boolean not null,
	by        text not null,
	made      timestamptz not null default now(),
	done      timestamptz,
	primary key (recording, coder)
);
create index on assignment (coder) where done is null;
comment on table assignment is 'who is to code which recording beside others, and who has';
comment on column assignment.blind is 'until it is done the coder sees nothing of what the machine or others say of the recording';
comment on column assignment.done is 'when the coder handed the coding in; from then on it is not changed';
