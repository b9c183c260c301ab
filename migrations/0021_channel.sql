alter table recording add column separate boolean not null default false;
comment on column recording.separate is 'each of its channels is one person''s microphone';
alter table stage add column channel int not null default 0;
comment on column stage.channel is 'that the piece is of, from 1; 0 is all of them mixed';
