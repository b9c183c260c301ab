create index stage_unfinished on stage (recording) where ended is null;
comment on index stage_unfinished is 'what waits is asked every few seconds, of the few rows that do';
