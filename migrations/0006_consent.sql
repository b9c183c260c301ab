create table consent (
	recording uuid primary key references recording on delete cascade,
	version   text not null,
	given     date not null,
	scope     text not null,
	until     date,
	hold      text not null default ''
);
comment on table consent is 'what a recording rests on: which text was agreed to, when, to what, until when';
comment on column consent.hold is 'why it must not be erased for now, such as a complaint; a case number, not a name';

create table erasure (
	recording uuid primary key,
	project   uuid not null,
	at        timestamptz not null default now(),
	why       text not null,
	rows      jsonb not null,
	objects   int not null,
	sha256    text not null
);
comment on table erasure is 'proof of what was erased: counts, and the hash of the sound as received; nothing of what was said';
create trigger erasure_is_kept before update or delete on erasure for each row execute function refuse();
