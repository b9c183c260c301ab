create table participant (
	recording uuid not null references recording on delete cascade,
	code      text not null check (code ~ '^[[:alnum:]._-]{1,40}$'),
	primary key (recording, code)
);
create index on participant (code);
comment on table participant is 'who is heard in a recording, by a code that the project keeps the key to; never a name';
