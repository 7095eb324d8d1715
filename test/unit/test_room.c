/*
 * test_room.c - a room: consecutive versions for every member, gaps, ACKs in their place, rights, resets.
 *
 * The database is played by this file: the read pool's and the listener's functions are defined here, reads are kept
 * until the test answers them. Every member writes what it gets into a text, "2 3 ack4-5 6".
 */
#include "unit_support.h"

#include "base/list.h"
#include "core/loop.h"
#include "hub/presence.h"
#include "hub/room.h"
#include "pg/pg_listener.h"

/* ---- the database ---- */

#define CELL_SIZE 200

typedef struct FakeRows
{
	int count;
	char cells[40][5][CELL_SIZE];
} FakeRows;

static List reads; /* PgRead.link, oldest first */
static int listened;

void
pg_read_init(PgRead *read, PgReadKind kind, void (*done)(PgRead *, const PgReadResult *))
{
	*read = (PgRead){.kind = kind, .done = done};
}

void
pg_read_add_integer(PgRead *read, int64_t number)
{
	buffer_append_format(&read->params, " %lld", (long long) number);
}

void
pg_read_add_uuid(PgRead *read, const Uuid *uuid)
{
	buffer_append_text(&read->params, " uuid");
}

void
pg_read_add_text(PgRead *read, Slice text)
{
	buffer_append_text(&read->params, " text");
}

void
pg_read_add_uuids(PgRead *read, const Uuid *uuids, size_t count)
{
	buffer_append_format(&read->params, " uuids%zu", count);
}

void
pg_read_add_texts(PgRead *read, const Slice *texts, size_t count)
{
	buffer_append_format(&read->params, " texts%zu", count);
}

void
pg_read_submit(PgRead *read)
{
	list_append(&reads, &read->link);
}

const char *
pg_read_text(const PgReadResult *result, int row, int column)
{
	return ((const FakeRows *) result->rows)->cells[row][column];
}

Slice
pg_read_slice(const PgReadResult *result, int row, int column)
{
	return slice_of_text(pg_read_text(result, row, column));
}

bool
pg_read_is_null(const PgReadResult *result, int row, int column)
{
	return pg_read_text(result, row, column)[0] == '\0';
}

int64_t
pg_read_integer(const PgReadResult *result, int row, int column)
{
	return strtoll(pg_read_text(result, row, column), NULL, 10);
}

bool
pg_read_boolean(const PgReadResult *result, int row, int column)
{
	return pg_read_text(result, row, column)[0] == 't';
}

bool
pg_read_uuid(const PgReadResult *result, int row, int column, Uuid *uuid)
{
	const char *text = pg_read_text(result, row, column);

	return uuid_parse(text, strlen(text), uuid);
}

int64_t *
pg_read_integers(const PgReadResult *result, int row, int column, size_t *count)
{
	int64_t *numbers = malloc(sizeof(*numbers) * 10);
	char *at = (char *) (uintptr_t) pg_read_text(result, row, column);

	for (*count = 0; *at != '\0'; (*count)++)
		numbers[*count] = strtoll(at, &at, 10);
	return numbers;
}

void
pg_listener_add(PgChannelKind kind, const Uuid *id)
{
	listened++;
}

void
pg_listener_remove(PgChannelKind kind, const Uuid *id)
{
	listened--;
}

bool
pg_listener_is_up(void)
{
	return true;
}

static int
count_reads(PgReadKind kind)
{
	int count = 0;

	LIST_FOR_EACH (&reads, PgRead, link, read)
	{
		count += read->kind == kind;
	}
	return count;
}

/* The oldest question of this kind, which must have had these parameters. */
static PgRead *
take_read(PgReadKind kind, const char *params)
{
	LIST_FOR_EACH (&reads, PgRead, link, read)
	{
		if (read->kind != kind)
			continue;
		list_remove(&read->link);
		assert_buffer_text(&read->params, params);
		buffer_free(&read->params);
		return read;
	}
	return NULL;
}

static void
answer(PgRead *read, const FakeRows *rows)
{
	PgReadResult result = {.status = rows != NULL ? PG_READ_OK : PG_READ_UNAVAILABLE,
						   .row_count = rows != NULL ? rows->count : 0,
						   .rows = rows};

	read->done(read, &result);
	loop_turn();
}

/* ---- the world ---- */

#define BOARD "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
#define OWN_COMMAND "c0ffee00-0000-4000-8000-000000000001"

typedef struct Reader
{
	RoomMember member;
	Buffer got;
	bool is_full;
	bool is_waiting; /* for OWN_COMMAND */
	bool leaves_at_ack; /* as a connection whose queue is over its limit */
	int resets;
	int looks; /* for the boards of its workspace */
	bool is_out;
} Reader;

static Uuid board_id;
static Config config;

static void
note(Reader *reader, const char *text, size_t length)
{
	if (reader->got.length > 0)
		buffer_append_char(&reader->got, ' ');
	buffer_append(&reader->got, text, length);
}

/* A body ends with its version in front of two braces; an ACK's frame is plain text. */
static void
on_deliver(RoomMember *member, Frame *frame)
{
	Slice payload = frame_payload(frame);
	const char *key = memmem(payload.bytes, payload.length, "\"version\":", 10);

	if (key != NULL)
	{
		note(CONTAINER_OF(member, Reader, member), key + 10, strspn(key + 10, "0123456789"));
		return;
	}
	note(CONTAINER_OF(member, Reader, member), payload.bytes, payload.length);
	if (CONTAINER_OF(member, Reader, member)->leaves_at_ack)
		room_leave(member);
}

static void
on_deliver_loose(RoomMember *member, Frame *frame)
{
	Slice payload = frame_payload(frame);
	const char *type = payload.bytes + strlen("{\"type\":\"");

	note(CONTAINER_OF(member, Reader, member), type, strcspn(type, "\""));
}

static bool
on_has_room(RoomMember *member)
{
	return !CONTAINER_OF(member, Reader, member)->is_full;
}

static bool
on_awaits(RoomMember *member, const Uuid *command_id)
{
	Uuid own;

	return CONTAINER_OF(member, Reader, member)->is_waiting && uuid_parse(OWN_COMMAND, 36, &own) &&
		   uuid_equals(&own, command_id);
}

static void
on_reset(RoomMember *member)
{
	CONTAINER_OF(member, Reader, member)->resets++;
}

static void
on_lost_access(RoomMember *member)
{
	CONTAINER_OF(member, Reader, member)->is_out = true;
	room_leave(member);
}

static void
on_boards_changed(RoomMember *member)
{
	CONTAINER_OF(member, Reader, member)->looks++;
}

static const RoomMemberHandlers handlers = {
	.deliver = on_deliver,
	.deliver_loose = on_deliver_loose,
	.has_room = on_has_room,
	.awaits = on_awaits,
	.reset = on_reset,
	.lost_access = on_lost_access,
	.boards_changed = on_boards_changed,
};

static void
enter_kind(Reader *reader, RoomKind kind, int64_t user_id, int version)
{
	*reader = (Reader){.member = {.handlers = &handlers, .kind = kind, .user_id = user_id, .username = "name"}};
	room_join(&reader->member, &board_id);
	room_note_head(reader->member.room, version, "mark", 1);
	room_member_start(&reader->member, version);
}

static void
enter(Reader *reader, int64_t user_id, int version)
{
	enter_kind(reader, ROOM_BOARD, user_id, version);
}

static void
leave(Reader *reader)
{
	room_leave(&reader->member);
	buffer_free(&reader->got);
	loop_turn();
}

static void
write_body(char *body, size_t size, int version, bool is_own)
{
	snprintf(body, size, "{\"type\":\"X\",\"payload\":{%s\"version\":%d}}",
			 is_own ? "\"command_id\":\"" OWN_COMMAND "\"," : "", version);
}

/* Events from … to, as a command's result brings them. */
static void
commit(int from, int to, int64_t acl_version)
{
	PgEvent events[40];
	char bodies[40][CELL_SIZE];
	size_t count = 0;

	for (int version = from; version <= to; version++, count++)
	{
		write_body(bodies[count], CELL_SIZE, version, false);
		events[count] = (PgEvent){.aggregate_id = board_id,
								  .is_board = true,
								  .version = version,
								  .acl_version = acl_version,
								  .mark = "mark",
								  .body = slice_of_text(bodies[count])};
	}
	room_take_events(events, count);
	loop_turn();
}

static FakeRows *
event_rows(FakeRows *rows, int from, int to, bool is_own)
{
	rows->count = 0;
	for (int version = from; version <= to; version++, rows->count++)
	{
		snprintf(rows->cells[rows->count][0], CELL_SIZE, "%d", version);
		strcpy(rows->cells[rows->count][1], "mark");
		strcpy(rows->cells[rows->count][2], "1");
		write_body(rows->cells[rows->count][3], CELL_SIZE, version, is_own);
	}
	return rows;
}

static FakeRows *
event_rows_under(FakeRows *rows, int from, int to, int acl_version)
{
	event_rows(rows, from, to, false);
	for (int row = 0; row < rows->count; row++)
		snprintf(rows->cells[row][2], CELL_SIZE, "%d", acl_version);
	return rows;
}

static FakeRows *
head_row(FakeRows *rows, int version, const char *mark, int acl_version)
{
	rows->count = 1;
	strcpy(rows->cells[0][0], BOARD);
	snprintf(rows->cells[0][1], CELL_SIZE, "%d", version);
	snprintf(rows->cells[0][2], CELL_SIZE, "%s", mark);
	snprintf(rows->cells[0][3], CELL_SIZE, "%d", acl_version);
	return rows;
}

static FakeRows *
readers_row(FakeRows *rows, int acl_version, const char *users)
{
	rows->count = 1;
	snprintf(rows->cells[0][0], CELL_SIZE, "%d", acl_version);
	snprintf(rows->cells[0][1], CELL_SIZE, "%s", users);
	return rows;
}

static void
acknowledge(Reader *reader, int from, int to, bool is_echo)
{
	char text[40];

	snprintf(text, sizeof(text), "ack%d-%d", from, to);
	reader->is_waiting = false;
	room_member_ack(&reader->member, from, to, frame_new(slice_of_text(text)), is_echo);
}

static int
set_up(void **state)
{
	list_init(&reads);
	listened = 0;
	config = (Config){.ring_events = 8, .ring_bytes = 1000000, .event_page = 10, .poll_interval = 3600000};
	assert_true(uuid_parse(BOARD, 36, &board_id));
	assert_true(loop_open());
	room_hub_open(&config);
	return 0;
}

/* Nobody is left, nothing is listened to, nothing is asked. */
static int
tear_down(void **state)
{
	loop_turn();
	assert_int_equal(listened, 0);
	assert_true(list_is_empty(&reads));
	assert_null(room_find(&board_id));
	room_hub_close();
	loop_close();
	frame_close();
	return 0;
}

/* ---- order ---- */

static void
everyone_gets_the_next_versions_once(void **state)
{
	Reader a;
	Reader b;

	enter(&a, 1, 5);
	enter(&b, 2, 5);
	commit(6, 7, 1);
	commit(6, 7, 1);
	commit(7, 8, 1);
	assert_buffer_text(&a.got, "6 7 8");
	assert_buffer_text(&b.got, "6 7 8");
	assert_int_equal(room_head(a.member.room), 8);
	leave(&a);
	leave(&b);
}

static void
a_gap_is_fetched_once_and_then_delivered_in_order(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	commit(8, 8, 1);
	commit(9, 9, 1);
	assert_buffer_text(&a.got, "");
	assert_int_equal(count_reads(PG_READ_ROOM_EVENTS), 1);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 9, false));
	assert_buffer_text(&a.got, "6 7 8 9");
	assert_int_equal(count_reads(PG_READ_ROOM_EVENTS), 0);
	leave(&a);
}

static void
a_fetch_that_failed_is_repeated_by_the_poll(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	room_on_hint(&board_id, 6);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), NULL);
	room_poll_soon();
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), head_row(&rows, 6, "mark", 1));
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 6, false));
	assert_buffer_text(&a.got, "6");
	leave(&a);
}

/* NOTIFY can be forged: version 2147483647 costs one fetch. */
static void
a_hint_beyond_the_head_is_dropped_after_one_fetch(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	room_on_hint(&board_id, INT32_MAX);
	room_on_hint(&board_id, INT32_MAX);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 6, false));
	assert_int_equal(count_reads(PG_READ_ROOM_EVENTS), 0);
	room_on_hint(&board_id, 6);
	assert_int_equal(count_reads(PG_READ_ROOM_EVENTS), 0);
	commit(7, 7, 1);
	assert_buffer_text(&a.got, "6 7");
	leave(&a);
}

static void
a_hint_during_a_fetch_causes_another(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	room_on_hint(&board_id, 6);
	room_on_hint(&board_id, 7);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 6, false));
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 6 10"), event_rows(&rows, 7, 7, false));
	assert_buffer_text(&a.got, "6 7");
	leave(&a);
}

/* ---- ACKs ---- */

static void
the_ack_takes_the_place_of_the_senders_events(void **state)
{
	Reader sender;
	Reader other;

	enter(&sender, 1, 5);
	enter(&other, 2, 5);
	acknowledge(&sender, 6, 7, false);
	commit(6, 7, 1);
	commit(8, 8, 1);
	assert_buffer_text(&sender.got, "ack6-7 8");
	assert_buffer_text(&other.got, "6 7 8");
	leave(&sender);
	leave(&other);
}

static void
with_echo_the_ack_comes_before_the_events(void **state)
{
	Reader sender;

	enter(&sender, 1, 5);
	acknowledge(&sender, 6, 7, true);
	commit(6, 8, 1);
	assert_buffer_text(&sender.got, "ack6-7 6 7 8");
	leave(&sender);
}

static void
an_ack_waits_until_the_gap_before_it_is_filled(void **state)
{
	FakeRows rows;
	Reader sender;

	enter(&sender, 1, 5);
	acknowledge(&sender, 9, 9, false);
	acknowledge(&sender, 7, 7, false);
	commit(7, 7, 1);
	assert_buffer_text(&sender.got, "");
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 10, false));
	assert_buffer_text(&sender.got, "6 ack7-7 8 ack9-9 10");
	leave(&sender);
}

/* NOTIFY was faster than the answer: the sender waits, nobody else does. */
static void
an_event_whose_own_answer_is_awaited_holds_only_its_sender(void **state)
{
	FakeRows rows;
	Reader sender;
	Reader other;

	enter(&sender, 1, 5);
	enter(&other, 2, 5);
	sender.is_waiting = true;
	room_on_hint(&board_id, 6);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 6, true));
	commit(7, 7, 1);
	assert_buffer_text(&sender.got, "");
	assert_buffer_text(&other.got, "6 7");
	acknowledge(&sender, 6, 6, false);
	assert_buffer_text(&sender.got, "ack6-6 7");
	leave(&sender);
	leave(&other);
}

/* The answer was lost and the command asked again: its ACK is a replay, outside the order. */
static void
after_a_replay_the_sender_gets_the_event_itself(void **state)
{
	FakeRows rows;
	Reader sender;

	enter(&sender, 1, 5);
	sender.is_waiting = true;
	room_on_hint(&board_id, 6);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 6, true));
	sender.is_waiting = false;
	room_pump_member(&sender.member);
	assert_buffer_text(&sender.got, "6");
	leave(&sender);
}

static void
an_ack_below_what_the_member_has_leaves_at_once(void **state)
{
	Reader sender;

	enter(&sender, 1, 5);
	room_member_hold(&sender.member);
	acknowledge(&sender, 6, 6, false);
	assert_buffer_text(&sender.got, "");
	commit(6, 8, 1);
	room_member_start(&sender.member, 7);
	assert_buffer_text(&sender.got, "ack6-6 8");
	leave(&sender);
}

static void
leaving_still_delivers_the_acks(void **state)
{
	Reader sender;

	enter(&sender, 1, 5);
	acknowledge(&sender, 8, 8, false);
	room_leave(&sender.member);
	assert_buffer_text(&sender.got, "ack8-8");
	leave(&sender);
}

/* ---- slow members ---- */

static void
an_ack_that_ends_the_membership_is_delivered_once(void **state)
{
	Reader sender;

	enter(&sender, 1, 3);
	sender.leaves_at_ack = true;
	acknowledge(&sender, 6, 6, false);
	acknowledge(&sender, 4, 4, false);
	assert_buffer_text(&sender.got, "ack4-4 ack6-6");
	assert_null(sender.member.room);
	assert_true(list_is_empty(&sender.member.acks));
	leave(&sender);
}

static void
a_reset_whose_acks_end_the_membership_asks_for_nothing(void **state)
{
	Reader sender;
	FakeRows rows;

	enter(&sender, 1, 3);
	sender.leaves_at_ack = true;
	acknowledge(&sender, 6, 6, false);
	room_catch_up_all();
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), head_row(&rows, 3, "other", 1));
	assert_buffer_text(&sender.got, "ack6-6");
	assert_int_equal(sender.resets, 0);
	leave(&sender);
}

static void
a_full_member_goes_on_where_it_stopped(void **state)
{
	Reader slow;
	Reader other;

	enter(&slow, 1, 5);
	enter(&other, 2, 5);
	commit(6, 6, 1);
	slow.is_full = true;
	commit(7, 9, 1);
	assert_buffer_text(&slow.got, "6");
	assert_buffer_text(&other.got, "6 7 8 9");
	assert_true(room_member_is_behind(&slow.member));
	slow.is_full = false;
	room_pump_member(&slow.member);
	assert_buffer_text(&slow.got, "6 7 8 9");
	assert_false(room_member_is_behind(&slow.member));
	leave(&slow);
	leave(&other);
}

static void
many_events_at_once_do_not_leave_members_behind_the_ring(void **state)
{
	Reader a;

	enter(&a, 1, 5);
	commit(6, 20, 1);
	assert_buffer_text(&a.got, "6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
	assert_int_equal(count_reads(PG_READ_ROOM_EVENTS), 0);
	leave(&a);
}

/* The ring holds 8: what went by before that comes from the log, one question at a time. */
static void
a_member_behind_the_ring_is_served_from_the_log(void **state)
{
	FakeRows rows;
	Reader slow;

	enter(&slow, 1, 5);
	slow.is_full = true;
	commit(6, 20, 1);
	slow.is_full = false;
	room_pump_member(&slow.member);
	room_pump_member(&slow.member);
	assert_int_equal(count_reads(PG_READ_ROOM_EVENTS), 1);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 15, false));
	assert_buffer_text(&slow.got, "6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
	leave(&slow);
}

static void
a_member_that_left_gets_no_late_page(void **state)
{
	FakeRows rows;
	Reader slow;

	enter(&slow, 1, 5);
	slow.is_full = true;
	commit(6, 20, 1);
	slow.is_full = false;
	room_pump_member(&slow.member);
	leave(&slow);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 15, false));
	assert_int_equal(slow.got.length, 0);
}

static void
the_ring_gives_pages_as_far_back_as_it_reaches(void **state)
{
	const char *mark = NULL;
	Slice slices[10];
	Reader a;
	Room *room;

	enter(&a, 1, 5);
	commit(6, 20, 1);
	room = a.member.room;
	assert_int_equal(room_ring_slices(room, 12, 10, slices, &mark), 8);
	assert_string_equal(mark, "mark");
	assert_int_equal(room_ring_slices(room, 15, 3, slices, &mark), 3);
	assert_false(room_ring_reaches(room, 11));
	assert_int_equal(room_ring_slices(room, 11, 10, slices, &mark), 0);
	assert_true(room_ring_reaches(room, 20));
	assert_int_equal(room_ring_slices(room, 20, 10, slices, &mark), 0);
	assert_false(room_ring_reaches(room, 21));
	leave(&a);
}

/* ---- rights ---- */

static void
a_newer_acl_version_is_checked_before_anyone_gets_the_event(void **state)
{
	FakeRows rows;
	Reader stays;
	Reader goes;

	enter(&stays, 1, 5);
	enter(&goes, 2, 5);
	commit(6, 6, 2);
	commit(7, 7, 2);
	assert_int_equal(room_state(stays.member.room), ROOM_CHECKING);
	assert_buffer_text(&stays.got, "");
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 2, " 1 7"));
	assert_buffer_text(&stays.got, "6 7");
	assert_true(goes.is_out);
	assert_buffer_text(&goes.got, "");
	assert_false(room_may_read(stays.member.room, 2, 1));
	assert_true(room_may_read(stays.member.room, 7, 1));
	assert_true(room_may_read(stays.member.room, 2, 3));
	leave(&stays);
	leave(&goes);
}

static void
readers_that_are_older_than_the_event_are_read_again(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	commit(6, 6, 2);
	commit(7, 7, 3);
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 2, " 1"));
	assert_buffer_text(&a.got, "");
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 3, " 1"));
	assert_buffer_text(&a.got, "6 7");
	leave(&a);
}

/* The read that let them in is older than one that another came in by, and its answer came later. */
static void
who_was_let_in_under_older_rights_is_checked(void **state)
{
	FakeRows rows;
	Reader stays = {.member = {.handlers = &handlers, .kind = ROOM_BOARD, .user_id = 1, .username = "name"}};
	Reader goes;

	room_join(&stays.member, &board_id);
	room_note_head(stays.member.room, 5, "mark", 2);
	room_member_start(&stays.member, 5);
	enter(&goes, 2, 5); /* under 1 */
	commit(6, 6, 2);
	assert_buffer_text(&goes.got, "");
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 2, " 1"));
	assert_true(goes.is_out);
	assert_buffer_text(&goes.got, "");
	assert_buffer_text(&stays.got, "6");
	leave(&stays);
	leave(&goes);
}

/* The room has not heard of them, so it is not known who may read them. */
static void
a_member_behind_the_ring_gets_nothing_that_is_new_to_the_room(void **state)
{
	FakeRows rows;
	Reader slow;

	enter(&slow, 2, 5);
	slow.is_full = true;
	commit(6, 14, 1);
	slow.is_full = false;
	room_pump_member(&slow.member);
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 15, false));
	assert_buffer_text(&slow.got, "6 7 8 9 10 11 12 13 14");
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 14 10"), event_rows_under(&rows, 15, 15, 2));
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 2, " 1"));
	assert_true(slow.is_out);
	assert_buffer_text(&slow.got, "6 7 8 9 10 11 12 13 14");
	leave(&slow);
}

static void
nobody_hears_of_anybody_while_readers_are_reloaded(void **state)
{
	FakeRows rows;
	Reader stays;
	Reader goes;

	enter(&stays, 1, 5);
	presence_join(&stays.member);
	enter(&goes, 2, 5);
	commit(6, 6, 2);
	presence_move_cursor(&stays.member, 1, 2, NULL);
	presence_join(&goes.member);
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 2, " 1"));
	assert_true(goes.is_out);
	assert_buffer_text(&goes.got, "");
	assert_buffer_text(&stays.got, "USER_LEFT 6 PRESENCE");
	leave(&stays);
	leave(&goes);
}

/* The database after a failover may count rights from a lower number. */
static void
a_reset_forgets_the_readers(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	commit(6, 6, 9);
	answer(take_read(PG_READ_ROOM_READERS, " uuid"), readers_row(&rows, 9, " 1"));
	assert_false(room_may_read(a.member.room, 2, 8));
	room_poll_soon();
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), head_row(&rows, 6, "other", 8));
	assert_true(room_may_read(a.member.room, 2, 8));
	leave(&a);
}

/* ---- what the database has lost ---- */

static void
another_event_at_our_version_resets_the_room(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	commit(6, 6, 1);
	acknowledge(&a, 9, 9, false);
	room_poll_soon();
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), head_row(&rows, 6, "other", 1));
	assert_int_equal(a.resets, 1);
	assert_int_equal(room_state(a.member.room), ROOM_STARTING);
	assert_buffer_text(&a.got, "6 ack9-9");
	commit(7, 7, 1);
	room_note_head(a.member.room, 7, "other7", 1);
	room_member_start(&a.member, 7);
	commit(8, 8, 1);
	assert_buffer_text(&a.got, "6 ack9-9 8");
	leave(&a);
}

static void
a_lower_head_resets_only_when_it_is_not_just_old(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	room_poll_soon();
	commit(6, 6, 1); /* after the question */
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), head_row(&rows, 5, "mark", 1));
	assert_int_equal(a.resets, 0);
	room_poll_soon();
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), head_row(&rows, 5, "mark", 1));
	assert_int_equal(a.resets, 1);
	leave(&a);
}

static void
a_board_that_is_gone_resets_the_room(void **state)
{
	FakeRows none = {.count = 0};
	Reader a;

	enter(&a, 1, 5);
	room_poll_soon();
	answer(take_read(PG_READ_ROOM_HEADS, " uuids1"), &none);
	assert_int_equal(a.resets, 1);
	leave(&a);
}

static void
a_room_waits_for_its_reads_before_it_goes(void **state)
{
	FakeRows rows;
	Reader a;

	enter(&a, 1, 5);
	room_on_hint(&board_id, 6);
	leave(&a);
	assert_null(room_find(&board_id));
	answer(take_read(PG_READ_ROOM_EVENTS, " uuid 5 10"), event_rows(&rows, 6, 6, false));
}

/* ---- presence ---- */

static void
several_tabs_of_one_user_count_once(void **state)
{
	EncodeActiveUser *users;
	Reader other;
	Reader first;
	Reader second;
	size_t count;

	enter(&other, 9, 5);
	presence_join(&other.member);
	enter(&first, 1, 5);
	presence_join(&first.member);
	enter(&second, 1, 5);
	presence_join(&second.member);
	users = presence_users(other.member.room, &count);
	assert_int_equal(count, 2);
	free(users);
	leave(&first);
	assert_buffer_text(&other.got, "USER_JOINED");
	leave(&second);
	assert_buffer_text(&other.got, "USER_JOINED USER_LEFT");
	leave(&other);
}

/* The first move leaves at once; of those within one tick only the newest. */
static void
cursors_are_coalesced_and_not_sent_back(void **state)
{
	Reader sender;
	Reader other;

	enter(&sender, 1, 5);
	enter(&other, 2, 5);
	presence_join(&sender.member);
	presence_join(&other.member);
	buffer_clear(&sender.got);
	buffer_clear(&other.got);
	for (int i = 0; i < 100; i++)
		presence_move_cursor(&sender.member, i, i, NULL);
	assert_buffer_text(&other.got, "CURSOR_UPDATE");
	while (other.got.length == strlen("CURSOR_UPDATE"))
		loop_turn();
	assert_buffer_text(&other.got, "CURSOR_UPDATE CURSOR_UPDATE");
	assert_buffer_text(&sender.got, "");
	leave(&sender);
	leave(&other);
}

/* ---- workspaces ---- */

static const FakeRows *
mark_row(FakeRows *rows, const char *mark)
{
	rows->count = 1;
	snprintf(rows->cells[0][0], CELL_SIZE, BOARD);
	snprintf(rows->cells[0][1], CELL_SIZE, "%s", mark);
	return rows;
}

static const FakeRows *
people_row(FakeRows *rows, const char *online)
{
	rows->count = 1;
	snprintf(rows->cells[0][0], CELL_SIZE, "[{\"user_id\":1,\"online\":%s,\"last_seen\":\"%d\"}]", online, rand());
	return rows;
}

/* A workspace that somebody is in, its people known. */
static void
enter_workspace(Reader *reader, int64_t user_id, int version)
{
	FakeRows rows;

	enter_kind(reader, ROOM_WORKSPACE, user_id, version);
	answer(take_read(PG_READ_MEMBERS_PRESENCE, " uuid"), people_row(&rows, "true"));
	assert_buffer_text(&reader->got, "PRESENCE");
	buffer_clear(&reader->got);
}

static void
wait_for_read(PgReadKind kind)
{
	while (count_reads(kind) == 0)
		ev_run(loop_ev(), EVRUN_ONCE);
}

/* Bursts cost one read a second, and times that only went on cost no message. */
static void
people_who_come_and_go_are_told_once(void **state)
{
	FakeRows rows;
	Reader a;

	enter_workspace(&a, 1, 5);
	for (int i = 0; i < 10; i++)
		room_on_people(&board_id);
	assert_int_equal(count_reads(PG_READ_MEMBERS_PRESENCE), 0);
	wait_for_read(PG_READ_MEMBERS_PRESENCE);
	room_on_people(&board_id); /* while it is being read: once more */
	answer(take_read(PG_READ_MEMBERS_PRESENCE, " uuid"), people_row(&rows, "true"));
	assert_buffer_text(&a.got, "");
	wait_for_read(PG_READ_MEMBERS_PRESENCE);
	answer(take_read(PG_READ_MEMBERS_PRESENCE, " uuid"), people_row(&rows, "false"));
	assert_buffer_text(&a.got, "PRESENCE");
	leave(&a);
}

static void
members_of_a_workspace_look_when_its_boards_are_others(void **state)
{
	const char *const marks[] = {"2:5", "2:5", "3:5"};
	const int looks[] = {1, 1, 2};
	FakeRows rows;
	Reader a;
	Reader on_board;

	enter_workspace(&a, 1, 5);
	enter(&on_board, 1, 5);
	for (size_t i = 0; i < LENGTH_OF(marks); i++)
	{
		room_boards_poll_soon();
		answer(take_read(PG_READ_BOARD_MARKS, " uuids1"), mark_row(&rows, marks[i]));
		assert_int_equal(a.looks, looks[i]);
	}
	room_forget_boards(a.member.room);
	room_boards_poll_soon();
	room_boards_poll_soon(); /* asked meanwhile: once more afterwards */
	assert_int_equal(count_reads(PG_READ_BOARD_MARKS), 1);
	answer(take_read(PG_READ_BOARD_MARKS, " uuids1"), mark_row(&rows, "3:5"));
	assert_int_equal(a.looks, 3);
	answer(take_read(PG_READ_BOARD_MARKS, " uuids1"), NULL);
	assert_int_equal(on_board.looks, 0);
	leave(&a);
	leave(&on_board);
}

/* Whoever asks for a workspace by a board's id must not disturb the board's room. */
static void
rooms_of_two_kinds_may_have_one_id(void **state)
{
	Reader a;
	Reader b;

	enter(&a, 1, 5);
	enter_workspace(&b, 2, 7);
	assert_ptr_not_equal(a.member.room, b.member.room);
	assert_ptr_equal(room_find(&board_id), a.member.room);
	assert_ptr_equal(room_find_kind(ROOM_WORKSPACE, &board_id), b.member.room);
	commit(6, 6, 1);
	assert_buffer_text(&a.got, "6");
	assert_buffer_text(&b.got, "");
	leave(&b);
	assert_ptr_equal(room_find(&board_id), a.member.room);
	leave(&a);
}

static void
a_workspaces_readers_are_its_members(void **state)
{
	FakeRows rows;
	Reader a;

	enter_workspace(&a, 1, 5);
	room_note_head(a.member.room, 5, "mark", 2);
	answer(take_read(PG_READ_WORKSPACE_READERS, " uuid"), readers_row(&rows, 2, "1 7"));
	assert_false(a.is_out);
	assert_int_equal(a.looks, 1); /* a role may have changed, and with it what is seen */
	leave(&a);
}

#define ROOM_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(everyone_gets_the_next_versions_once),
		ROOM_TEST(a_gap_is_fetched_once_and_then_delivered_in_order),
		ROOM_TEST(a_fetch_that_failed_is_repeated_by_the_poll),
		ROOM_TEST(a_hint_beyond_the_head_is_dropped_after_one_fetch),
		ROOM_TEST(a_hint_during_a_fetch_causes_another),
		ROOM_TEST(the_ack_takes_the_place_of_the_senders_events),
		ROOM_TEST(with_echo_the_ack_comes_before_the_events),
		ROOM_TEST(an_ack_waits_until_the_gap_before_it_is_filled),
		ROOM_TEST(an_event_whose_own_answer_is_awaited_holds_only_its_sender),
		ROOM_TEST(after_a_replay_the_sender_gets_the_event_itself),
		ROOM_TEST(an_ack_below_what_the_member_has_leaves_at_once),
		ROOM_TEST(leaving_still_delivers_the_acks),
		ROOM_TEST(an_ack_that_ends_the_membership_is_delivered_once),
		ROOM_TEST(a_reset_whose_acks_end_the_membership_asks_for_nothing),
		ROOM_TEST(a_full_member_goes_on_where_it_stopped),
		ROOM_TEST(many_events_at_once_do_not_leave_members_behind_the_ring),
		ROOM_TEST(a_member_behind_the_ring_is_served_from_the_log),
		ROOM_TEST(a_member_that_left_gets_no_late_page),
		ROOM_TEST(the_ring_gives_pages_as_far_back_as_it_reaches),
		ROOM_TEST(a_newer_acl_version_is_checked_before_anyone_gets_the_event),
		ROOM_TEST(readers_that_are_older_than_the_event_are_read_again),
		ROOM_TEST(who_was_let_in_under_older_rights_is_checked),
		ROOM_TEST(a_member_behind_the_ring_gets_nothing_that_is_new_to_the_room),
		ROOM_TEST(nobody_hears_of_anybody_while_readers_are_reloaded),
		ROOM_TEST(a_reset_forgets_the_readers),
		ROOM_TEST(another_event_at_our_version_resets_the_room),
		ROOM_TEST(a_lower_head_resets_only_when_it_is_not_just_old),
		ROOM_TEST(a_board_that_is_gone_resets_the_room),
		ROOM_TEST(a_room_waits_for_its_reads_before_it_goes),
		ROOM_TEST(several_tabs_of_one_user_count_once),
		ROOM_TEST(cursors_are_coalesced_and_not_sent_back),
		ROOM_TEST(people_who_come_and_go_are_told_once),
		ROOM_TEST(members_of_a_workspace_look_when_its_boards_are_others),
		ROOM_TEST(rooms_of_two_kinds_may_have_one_id),
		ROOM_TEST(a_workspaces_readers_are_its_members),
	};

	return RUN_TESTS(tests);
}
