alter table project add voices boolean not null default false;
comment on column project.voices is 'whether voices are kept and recognised in later recordings: biometric data, so off until somebody switches it on';

create table voiceprint (
	recording uuid not null references recording on delete cascade,
	speaker   text not null,
	kind      text not null,
	vector    real[] not null,
	least     real not null,
	primary key (recording, speaker)
);
comment on table voiceprint is 'how a voice of a recording sounds, in projects that recognise voices; it goes with the recording, or when the project stops';
comment on column voiceprint.speaker is 'the label that diarisation gave';
comment on column voiceprint.kind is 'what made the vector: only prints of one kind compare';
comment on column voiceprint.least is 'the likeness from which a voice is proposed';
