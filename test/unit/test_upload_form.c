/*
 * test_upload_form.c - file names in headers, and files in forms.
 */
#include "unit_support.h"

#include "door/upload_form.h"

static void
assert_name(const char *disposition, const char *expected)
{
	Buffer out = BUFFER_EMPTY;

	assert_int_equal(upload_file_name(&out, slice_of_text(disposition)), expected != NULL);
	if (expected != NULL)
		assert_buffer_text(&out, expected);
	buffer_free(&out);
}

static void
a_disposition_tells_a_name(void **state)
{
	assert_name("attachment; filename=\"a b.txt\"", "a b.txt");
	assert_name("form-data; name=\"file\"; FileName = plain.txt", "plain.txt");
	assert_name("attachment; filename=\"q\\\"u\\\\o.txt\"", "o.txt");
	assert_name("attachment; filename=old.txt; filename*=UTF-8''%e2%82%ac%20x.txt", "\xe2\x82\xac x.txt");
	assert_name("attachment; filename*=iso-8859-1''%e4.txt; filename=plain.txt", "plain.txt");
	assert_name("attachment; filename=\"C:\\path\\x.txt\"", "x.txt");
	assert_name("attachment; filename=\"/etc/passwd\"", "passwd");
	assert_name("attachment; filename=\"\"", "");
	assert_name("attachment; ; filename=x", "x");
}

static void
what_tells_none(void **state)
{
	static const char *const texts[] = {"",
										"attachment",
										"attachment;",
										"attachment; name=x",
										"attachment; filename",
										"attachment filename=x",
										"filename=x",
										"attachment; xfilename=x"};

	for (size_t i = 0; i < LENGTH_OF(texts); i++)
		assert_name(texts[i], NULL);
	assert_name("attachment; filename=\"unfinished", "unfinished");
	assert_name("attachment; filename*=UTF-8''%", "%");
}

static void
a_type_is_compared_without_its_parameters(void **state)
{
	assert_true(upload_type_is(slice_of_text("Multipart/Form-Data; boundary=x"), "multipart/form-data"));
	assert_true(upload_type_is(slice_of_text("multipart/form-data"), "multipart/form-data"));
	assert_false(upload_type_is(slice_of_text("multipart/form-datax"), "multipart/form-data"));
	assert_false(upload_type_is((Slice){0}, "multipart/form-data"));
}

#define TYPE "multipart/form-data; boundary=XX"

static void
assert_form(const char *body, const char *problem)
{
	UploadPart part;
	const char *got;

	assert_false(upload_find_file(slice_of_text(TYPE), slice_of_text(body), &part, &got));
	assert_string_equal(got, problem);
}

static void
the_file_of_a_form(void **state)
{
	static const char body[] =
		"--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
		"--XX\r\ncontent-type: text/plain\r\nContent-Disposition: form-data; name=f; filename=a.txt\r\n\r\n"
		"one\r\n--X\r\n\r\n--XX--\r\nepilogue";
	UploadPart part;
	const char *problem;

	assert_true(
		upload_find_file(slice_of_text("multipart/form-data; boundary=\"XX\""), slice_of_text(body), &part, &problem));
	assert_true(slice_equals_text(part.content, "one\r\n--X\r\n"));
	assert_true(slice_equals_text(part.content_type, "text/plain"));
	assert_name("form-data; name=f; filename=a.txt", "a.txt");
}

static void
an_empty_file(void **state)
{
	UploadPart part;
	const char *problem;

	assert_true(upload_find_file(slice_of_text(TYPE),
								 slice_of_text("--XX\r\nContent-Disposition: form-data; filename=a\r\n\r\n\r\n--XX--"),
								 &part, &problem));
	assert_int_equal(part.content.length, 0);
}

static void
a_form_that_is_none(void **state)
{
	UploadPart part;
	const char *problem;

	assert_form("", "the form is malformed");
	assert_form("--XX", "the form is malformed");
	assert_form("--XX\r\n", "the form is malformed");
	assert_form("--XX--\r\n", "the form has no file");
	assert_form("--XX\r\n\r\n--XX--", "the form is malformed");
	assert_form("--XX\r\nContent-Disposition: form-data; filename=a\r\n\r\nx", "the form is malformed");
	assert_form("--XXY\r\n\r\nx\r\n--XX--", "the form is malformed");
	assert_form("--XX\r\nA: b\r\n\r\nx\r\n--XX--", "the form has no file");
	assert_form("--XX\r\nContent-Disposition: form-data; filename=a\r\n\r\nx\r\n"
				"--XX\r\nContent-Disposition: form-data; filename=b\r\n\r\ny\r\n--XX--",
				"the form has more than one file");
	assert_false(upload_find_file(slice_of_text("multipart/form-data"), slice_of_text("x"), &part, &problem));
	assert_string_equal(problem, "the form's boundary is missing");
	assert_false(
		upload_find_file(slice_of_text("multipart/form-data; boundary="), slice_of_text("--"), &part, &problem));
}

static void
a_name_goes_back_whole_and_harmless(void **state)
{
	Buffer out = BUFFER_EMPTY;

	upload_append_disposition(&out, "attachment", slice_of_text("a\"b\r\n\xe2\x82\xac%.txt"));
	assert_buffer_text(&out, "attachment; filename=\"a_b______.txt\"; filename*=UTF-8''a%22b%0D%0A%E2%82%AC%25.txt");
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disposition_tells_a_name),
		cmocka_unit_test(what_tells_none),
		cmocka_unit_test(a_type_is_compared_without_its_parameters),
		cmocka_unit_test(the_file_of_a_form),
		cmocka_unit_test(an_empty_file),
		cmocka_unit_test(a_form_that_is_none),
		cmocka_unit_test(a_name_goes_back_whole_and_harmless),
	};

	return RUN_TESTS(tests);
}
