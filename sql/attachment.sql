-- Attachments: links and files, their bytes, the count and the cover on the card.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['House', 'Garden']) AS name;
CREATE FUNCTION test.attachment(wanted text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM collab.attachments WHERE name = wanted AND deleted_at IS NULL
$$;
CREATE FUNCTION test.data(board text, at int) RETURNS text LANGUAGE sql AS $$
	SELECT test.mask(regexp_replace(event_data::text, '\d{4}-\d\d-\d\dT[^"]*', '<time>', 'g')) FROM collab.events_after(test.board(board), at - 1, 1)
$$;
CREATE FUNCTION test.counts() RETURNS TABLE (title text, attachments int, cover jsonb, version int, untouched boolean) LANGUAGE sql AS $$
	SELECT title, attachments_count, (SELECT jsonb_object_agg(key, test.mask(value)) FROM jsonb_each_text(cover)), version, updated_at = created_at FROM collab.tasks WHERE board_id = test.board('Plan') ORDER BY title
$$;
-- Links
SELECT * FROM test.ack(collab.add_attachment(test.task('House'), 'Plan', 'https://example.org/plan?x=1'));
SELECT test.data('Plan', 4);
SELECT collab.add_attachment(test.task('House'), 'Map', 'http://example.org/map', command_id => test.cid(1))->'result'->>'attachment_id' = test.attachment('Map')::text AS tells_its_id;
SELECT * FROM test.ack(collab.add_attachment(test.task('House'), 'Map', 'http://example.org/map', command_id => test.cid(1)));
-- Files: in two steps, or in one
CREATE TEMP TABLE upload AS SELECT collab.upload('photo.png', '\x89504e470d0a1a0a00ff', 'image/png') AS id;
SELECT * FROM test.ack(collab.add_attachment(test.task('House'), 'Photo', upload_id => (SELECT id FROM upload), command_id => test.cid(2)));
SELECT * FROM test.ack(collab.add_attachment(test.task('House'), 'Photo', upload_id => (SELECT id FROM upload), command_id => test.cid(2)));
SELECT test.data('Plan', 6);
SELECT * FROM test.ack(collab.attach_file(test.task('House'), 'notes.txt', 'hello', 'text/plain', test.cid(3)));
SELECT * FROM test.ack(collab.attach_file(test.task('House'), 'notes.txt', 'hello', 'text/plain', test.cid(3)));
SELECT test.try(format('SELECT collab.attach_file(%L, %L, %L, %L, %L)', test.task('House'), 'notes.txt', 'other'::bytea, 'text/plain', test.cid(3)));
SELECT test.try(format('SELECT collab.attach_file(%L, %L, %L, %L, %L)', test.task('Garden'), 'notes.txt', 'hello'::bytea, 'text/plain', test.cid(3)));
SELECT count(collab.attach_file(test.task('Garden'), 'notes.txt', 'hello', 'text/plain')) FROM generate_series(1, 2);
SELECT count(*) FROM collab.uploads;
SELECT test.try(format('SELECT collab.attach_file(%L, %L, %L, %L)', gen_random_uuid(), 'lost.txt', 'hello'::bytea, 'text/plain'));
SELECT count(*) AS uploads FROM collab.uploads;
SELECT name, url, content_type, size, user_id, sha256 = encode(sha256('hello'), 'hex') AS hello FROM collab.visible_attachments WHERE task_id = test.task('House') ORDER BY created_at;
SELECT * FROM test.counts();
-- The bytes
SELECT * FROM collab.attachment_content(test.attachment('Photo'));
SET collab.user_id = '4';
SELECT name, convert_from(content, 'UTF8') FROM collab.attachment_content((SELECT id FROM collab.attachments WHERE name = 'notes.txt' LIMIT 1));
SELECT test.try(format('SELECT collab.attachment_content(%L)', test.attachment('Plan')));
SELECT test.try(format('SELECT collab.attachment_content(%L)', gen_random_uuid()));
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.attachment_content(%L)', test.attachment('Photo')));
SELECT count(*) FROM collab.visible_attachments;
SELECT test.try(format('SELECT collab.user_attachment_content(5, %L)', test.attachment('Photo')));
SELECT size FROM collab.user_attachment_content(4, test.attachment('Photo'));
-- The cover goes with its attachment
SET collab.user_id = '3';
SELECT count(collab.update_task(test.task('House'), jsonb_build_object('cover', jsonb_build_object('attachment_id', test.attachment('Photo')))));
SELECT * FROM test.counts();
CREATE TEMP TABLE photo AS SELECT test.attachment('Photo') AS id;
SELECT count(collab.remove_attachment(test.attachment('Plan')));
SELECT cover IS NOT NULL AS has_cover FROM collab.tasks WHERE title = 'House';
SELECT ack.* FROM photo, test.ack(collab.remove_attachment(photo.id, test.cid(4))) AS ack;
SELECT ack.* FROM photo, test.ack(collab.remove_attachment(photo.id, test.cid(4))) AS ack;
SELECT test.data('Plan', 12);
SELECT * FROM test.counts();
SELECT test.try(format('SELECT collab.attachment_content(%L)', id)) FROM photo;
SELECT test.try(format('SELECT collab.remove_attachment(%L)', id)) FROM photo;
SELECT count(collab.add_attachment(test.task('House'), 'Oops', 'https://example.org/'));
SELECT * FROM test.ack(collab.undo(test.board('Plan')));
SELECT * FROM test.counts();
-- A deleted task takes its files out of sight
SELECT count(collab.delete_task(test.task('Garden')));
SELECT test.try(format('SELECT collab.attachment_content(%L)', id)) FROM collab.attachments WHERE task_id = test.task('Garden') LIMIT 1;
-- Refused
SELECT test.try(format('SELECT collab.add_attachment(%L, %L)', test.task('House'), 'Neither'));
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, %L, %L)', test.task('House'), 'Both', 'https://example.org/', gen_random_uuid()));
SELECT url, test.try(format('SELECT collab.add_attachment(%L, %L, %L)', test.task('House'), 'Bad', url)) FROM unnest(ARRAY['javascript:alert(1)', 'example.org', 'ftp://example.org/', 'https://', 'https://exa mple.org/', 'file:///etc/passwd']) AS url;
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, %L)', test.task('House'), ' ', 'https://example.org/'));
SELECT test.try(format('SELECT collab.add_attachment(%L, repeat(%L, 256), %L)', test.task('House'), 'x', 'https://example.org/'));
SET collab.user_id = '4';
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, %L)', test.task('House'), 'Viewer', 'https://example.org/'));
SELECT test.try(format('SELECT collab.remove_attachment(%L)', test.attachment('Map')));
SET collab.user_id = '5';
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, %L)', test.task('House'), 'Outsider', 'https://example.org/'));
SELECT test.try(format('SELECT collab.remove_attachment(%L)', test.attachment('Map')));
-- A rebuild leaves the bytes alone
SELECT * FROM collab.verify();
SELECT collab.rebuild(test.board('Plan')) > 0 AS rebuilt, (SELECT count(*) FROM collab.uploads) AS uploads;
SELECT * FROM test.counts();
