alter table transcript add column music jsonb;
comment on column transcript.music is 'where music is heard; null in transcripts made before it was kept';
