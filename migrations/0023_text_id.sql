-- Ids come out of links and arguments and may be anything, so they are compared as text.
create unique index recording_text_id on recording ((id::text));
