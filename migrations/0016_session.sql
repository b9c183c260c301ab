alter table session add column by_link boolean not null default false;
comment on column session.by_link is 'whether it was begun by a link: who forgot a password need not know it to choose another';
