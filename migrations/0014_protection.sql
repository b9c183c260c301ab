alter table project
	add column keep_days int check (keep_days > 0),
	add column quota_bytes bigint check (quota_bytes > 0),
	add column masked boolean not null default false;
comment on column project.keep_days is 'days after its arrival that a recording is erased whose consent says no day; null for never';
comment on column project.quota_bytes is 'how much sound as received it may hold; null for any amount';
comment on column project.masked is 'whether those who may not reveal read labels for what points to a person, and hear it masked';

alter table membership add column by_group boolean not null default false;
comment on column membership.by_group is 'given by a group of the identity provider: goes at the next sign-in when the group has gone';

create table identity (
	issuer  text not null,
	subject text not null,
	account uuid not null references account on delete cascade,
	primary key (issuer, subject)
);
comment on table identity is 'which account somebody has who signs in at an identity provider (OpenID Connect)';
