create table second_factor (
	account      uuid primary key references account on delete cascade,
	secret       text not null,
	taken        bigint not null default 0,
	failures     int not null default 0,
	locked_until timestamptz,
	made         timestamptz not null default now(),
	confirmed    timestamptz
);
comment on table second_factor is 'whose telephone makes codes (RFC 6238) that are asked for beside the password or link';
comment on column second_factor.secret is 'base32, as the telephone holds it';
comment on column second_factor.taken is 'the half minute, counted from 1970, of the last code that was taken: none is good twice';
comment on column second_factor.confirmed is 'when its owner showed a first code; until then it is not asked for';

create table recovery_code (
	hash    bytea primary key,
	account uuid not null references second_factor (account) on delete cascade
);
comment on table recovery_code is 'codes that each stand once for the telephone; hash is SHA-256 of 130 random bits';

alter table session
	add column id      uuid not null unique default gen_random_uuid(),
	add column half    boolean not null default false,
	add column factor  boolean not null default false,
	add column address text not null default '',
	add column browser text not null default '';
comment on column session.half is 'whether the code of the second factor is still to come: it opens nothing before';
comment on column session.factor is 'whether a second factor was shown, here or at the organisation';
comment on column session.address is 'where it was begun from, for its owner to see; that of the proxy where one is in front';
comment on column session.browser is 'kind of browser and system it was begun in, for its owner to see';
