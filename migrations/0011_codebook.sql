create table codebook (
	project  uuid not null references project on delete cascade,
	language text not null,
	version  text not null,
	yaml     text not null,
	by       text not null,
	made     timestamptz not null default now(),
	primary key (project, language, version)
);
comment on table codebook is 'the versions of a project''s codebooks, as uploaded; rows are only ever added';
comment on column codebook.version is 'as the file says; a project has one text of each';
create trigger codebook_is_kept before update on codebook for each row execute function refuse();

create table model (
	project  uuid not null references project on delete cascade,
	language text not null,
	version  text not null,
	weights  jsonb not null,
	report   jsonb not null,
	by       text not null,
	made     timestamptz not null default now(),
	primary key (project, language, version)
);
comment on table model is 'the models that learned from what analysts decided in a project; rows are only ever added';
comment on column model.report is 'how it was trained and how it did on conversations it was not trained on; figures only';
create trigger model_is_kept before update on model for each row execute function refuse();

create table choice (
	id       bigint generated always as identity primary key,
	project  uuid not null references project on delete cascade,
	what     text not null check (what in ('codebook', 'model')),
	language text not null,
	version  text not null,
	by       text not null,
	made     timestamptz not null default now()
);
create index on choice (project, what, language, id desc);
comment on table choice is 'which codebook and which model a project codes by: the newest row of each language holds';
comment on column choice.version is 'empty for what comes with the program';
create trigger choice_is_kept before update on choice for each row execute function refuse();
