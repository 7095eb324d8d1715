/*
 * support_patch.c: JSON Merge Patch (RFC 7396): objects merge, null removes, everything else replaces.
 *
 * collab.json_merge_patch is what the projection of TaskUpdated runs; the command that decides runs the same code.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "support/support_json.h"
#include "support/support_patch.h"

PG_FUNCTION_INFO_V1(collab_json_merge_patch);

static void merge(StringInfo out, JsonbContainer *target, JsonbContainer *patch);

/* What the member becomes under the patch's value; target may be NULL. */
static void
merge_member(StringInfo out, const JsonbValue *target, const JsonbValue *patch)
{
	if (json_is_object(patch))
		merge(out, json_is_object(target) ? target->val.binary.data : NULL, patch->val.binary.data);
	else
		json_put_raw(out, json_value_text(patch));
}

/* Members of the target, patched; those that the patch sets to null are gone. */
static void
put_kept(StringInfo out, JsonbContainer *target, JsonbContainer *patch)
{
	JsonMembers members = json_members(target);

	while (json_next_member(&members))
	{
		char *name = members.name;
		JsonbValue *change = json_get(patch, name);

		if (change != NULL && change->type == jbvNull)
			continue;
		json_key(out, name);
		if (change != NULL)
			merge_member(out, &members.value, change);
		else
			json_put_raw(out, json_value_text(&members.value));
	}
}

/* Members that only the patch has. */
static void
put_added(StringInfo out, JsonbContainer *target, JsonbContainer *patch)
{
	JsonMembers members = json_members(patch);

	while (json_next_member(&members))
	{
		char *name = members.name;

		if (members.value.type == jbvNull || (target != NULL && json_get(target, name) != NULL))
			continue;
		json_key(out, name);
		merge_member(out, NULL, &members.value);
	}
}

static void
merge(StringInfo out, JsonbContainer *target, JsonbContainer *patch)
{
	check_stack_depth();
	json_begin(out, '{');
	if (target != NULL)
		put_kept(out, target, patch);
	put_added(out, target, patch);
	json_end(out, '}');
}

Jsonb *
patch_jsonb(const Jsonb *target, const Jsonb *patch)
{
	StringInfoData out;
	JsonbContainer *root = unconstify(JsonbContainer *, &target->root);

	if (!JB_ROOT_IS_OBJECT(patch))
		return unconstify(Jsonb *, patch);
	initStringInfo(&out);
	merge(&out, JsonContainerIsObject(root) ? root : NULL, unconstify(JsonbContainer *, &patch->root));
	return json_text_to_jsonb(out.data);
}

char *
patch_json_text(const char *target, const char *patch)
{
	Jsonb *result = patch_jsonb(json_text_to_jsonb(target), json_text_to_jsonb(patch));

	return JsonbToCString(NULL, &result->root, VARSIZE(result));
}

static void put_difference(StringInfo out, JsonbContainer *from, JsonbContainer *to);

/* Members of `from` that `to` lacks. */
static void
put_removed(StringInfo out, JsonbContainer *from, JsonbContainer *to)
{
	JsonMembers members = json_members(from);

	while (json_next_member(&members))
	{
		char *name = members.name;

		if (json_get(to, name) != NULL)
			continue;
		json_add_raw(out, name, NULL);
	}
}

static void
put_difference(StringInfo out, JsonbContainer *from, JsonbContainer *to)
{
	JsonMembers members = json_members(to);

	check_stack_depth();
	json_begin(out, '{');
	put_removed(out, from, to);
	while (json_next_member(&members))
	{
		char *name = members.name;
		JsonbValue *old = json_get(from, name);

		if (old != NULL && strcmp(json_value_text(old), json_value_text(&members.value)) == 0)
			continue;
		json_key(out, name);
		if (json_is_object(old) && json_is_object(&members.value))
			put_difference(out, old->val.binary.data, members.value.val.binary.data);
		else
			json_put_raw(out, json_value_text(&members.value));
	}
	json_end(out, '}');
}

char *
patch_between(JsonbContainer *from, JsonbContainer *to)
{
	StringInfoData out;

	initStringInfo(&out);
	put_difference(&out, from, to);
	return out.data;
}

/* collab.json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb */
Datum
collab_json_merge_patch(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(patch_jsonb(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}
