alter table transcript add column music jsonb;
comment on column transcript.music is 'where music is heard; null where none is, and in transcripts made before it was kept';
