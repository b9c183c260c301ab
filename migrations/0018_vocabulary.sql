alter table project add column vocabulary text not null default '';
comment on column project.vocabulary is 'names, places and offers to expect in its recordings, for models that take such; may name people, so it never leaves this table for a log or a job';
