/* Latest values by the functions with the prefix lh_, which are the same on every system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lasthandle.h"

#define SECOND 1000000000u

static lh_latest_options none(void)
{
    lh_latest_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static lh_latest *writer(const char *name, const lh_latest_options *options)
{
    lh_latest *end = NULL;
    uint32_t code = lh_latest_writer_create(name, options, &end);
    if (code != 0)
        printf("writer %s: %u %s\n", name, code, lh_error_message());
    return end;
}

static lh_latest *reader(const char *name, const lh_latest_options *options)
{
    lh_latest *end = NULL;
    uint32_t code = lh_latest_reader_create(name, options, &end);
    if (code != 0)
        printf("reader %s: %u %s\n", name, code, lh_error_message());
    return end;
}

static unsigned newest(lh_latest *end)
{
    uint64_t version = 99;
    lh_latest_version(end, &version);
    return (unsigned)version;
}

static void values(void)
{
    static char large[16385];
    char text[100] = "untouched";
    size_t length = 99, most = 0;
    uint64_t version = 99;
    lh_latest *out = writer("Local\\LhLatest", NULL), *in = reader("LhLatest", NULL), *other = NULL;

    printf("values: %u", lh_latest_read(in, text, sizeof text, &length, &version));
    printf(" %s %u %u", text, (unsigned)length, (unsigned)version);
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, 0));
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, 1000000));
    printf(" %u;", newest(in));
    printf(" %u", lh_latest_write(out, "first", 6, &version));
    printf(" %u", (unsigned)version);
    printf(" %u", lh_latest_write(out, "second", 7, NULL));
    printf(" %u %u;", newest(out), newest(in));
    version = 99;
    printf(" %u", lh_latest_next(in, text, 6, &length, &version, LH_FOREVER));
    printf(" %s %u %u,", text, (unsigned)length, (unsigned)version);
    printf(" %u", lh_latest_next(in, text, 7, &length, &version, LH_FOREVER));
    printf(" %s %u %u,", text, (unsigned)length, (unsigned)version);
    printf(" %u", lh_latest_next(in, text, 7, NULL, NULL, 0));
    printf(" %u", lh_latest_read(in, text, sizeof text, NULL, NULL));
    printf(" %s", text);
    printf(" %u %u;", lh_latest_read(in, text, 3, &length, &version), (unsigned)length);
    printf(" %u", lh_latest_write(out, NULL, 0, NULL));
    printf(" %u", lh_latest_next(in, NULL, 0, &length, &version, 0));
    printf(" %u %u;", (unsigned)length, (unsigned)version);
    printf(" %u", lh_latest_max_value(out, &most));
    printf(" %u %u", (unsigned)most, lh_latest_write(out, large, most + 1, NULL));
    printf(" %u", lh_latest_write(out, NULL, 1, NULL));
    printf(" %u\n", lh_latest_read(in, NULL, 1, NULL, NULL));

    printf("taken: %u", lh_latest_writer_open("LhLatest", NULL, &other));
    printf(" %u %d;", lh_latest_reader_open("LhMissing", NULL, &other), other == NULL);
    printf(" %u", lh_latest_write(in, text, 1, NULL));
    printf(" %u", lh_latest_read(out, text, 1, NULL, NULL));
    printf(" %u", lh_latest_next(out, text, 1, NULL, NULL, 0));
    printf(" %u;", lh_latest_max_value(in, &most));
    printf(" %u", lh_latest_write(out, "last", 5, NULL));
    printf(" %u", lh_latest_close(out));
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, LH_FOREVER));
    printf(" %u", lh_latest_read(in, text, sizeof text, NULL, &version));
    printf(" %u\n", (unsigned)version);
    printf("successor: %u", lh_latest_writer_open("LhLatest", NULL, &out));
    printf(" %u", lh_latest_write(out, "again", 6, &version));
    printf(" %u", (unsigned)version);
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u %u\n", lh_latest_close(in), lh_latest_close(out));
}

static void types(void)
{
    lh_latest_options options = none(), wrong;
    lh_latest *out, *in, *second, *other = NULL;
    lh_broadcast *broadcast = NULL;
    double values[3] = {1, 2, 3};
    lh_object *readable = NULL;

    options.type_size = sizeof values;
    options.type_alignment = 8;
    options.type_name = "place";
    options.waiting_readers = 1;
    out = writer("LhTypedLatest", &options);
    in = reader("LhTypedLatest", &options);
    printf("types: %u", lh_latest_write(out, values, sizeof values, NULL));
    printf(" %u", lh_latest_write(out, values, 8, NULL));
    values[2] = 0;
    printf(" %u", lh_latest_read(in, values, 23, NULL, NULL));
    printf(" %u", lh_latest_read(in, values, sizeof values, NULL, NULL));
    printf(" %d;", (int)values[2]);
    printf(" %u", lh_latest_reader_open("LhTypedLatest", NULL, &other));
    wrong = options;
    wrong.type_name = "speed";
    printf(" %u", lh_latest_reader_open("LhTypedLatest", &wrong, &other));
    wrong = options;
    wrong.type_size = 16;
    printf(" %u", lh_latest_reader_create("LhTypedLatest", &wrong, &other));
    printf(" %u;", lh_broadcast_receiver_open("LhTypedLatest", NULL, &broadcast));
    wrong.type_alignment = 3;
    printf(" %u", lh_latest_reader_create("LhOtherLatest", &wrong, &other));
    wrong = none();
    wrong.waiting_readers = 61;
    printf(" %u %d;", lh_latest_reader_create("LhOtherLatest", &wrong, &other), other == NULL);
    /* One may wait, any number read. */
    second = reader("LhTypedLatest", &options);
    printf(" %u", lh_latest_next(in, values, sizeof values, NULL, NULL, 1000000));
    printf(" %u", lh_latest_read(second, values, sizeof values, NULL, NULL));
    printf(" %u", lh_latest_next(second, values, sizeof values, NULL, NULL, 1000000));
    printf(" %u\n", lh_latest_readable(second, &readable));
    lh_latest_close(out);
    lh_latest_close(in);
    lh_latest_close(second);
}

static void waits(void)
{
    lh_latest *out = writer("LhLatestWaits", NULL), *in = reader("LhLatestWaits", NULL);
    lh_object *readable = NULL, *event = NULL;
    const lh_object *both[2], *twice[2];
    char text[8];
    lh_waited waited = {9, 9};

    lh_event_create(NULL, false, false, &event, NULL);
    printf("waits: %u", lh_latest_readable(out, &readable));
    printf(" %u", lh_latest_readable(in, &readable));
    printf(" %d", lh_object_kind(readable) == LH_READABLE);
    both[0] = event, both[1] = readable;
    twice[0] = readable, twice[1] = readable;
    printf(" %u", lh_wait_any(both, 2, 1000000, &waited));
    printf(" %u;", waited.outcome);
    lh_latest_write(out, "x", 2, NULL);
    printf(" %u", lh_wait_any(both, 2, LH_FOREVER, &waited));
    printf(" %u at %u,", waited.outcome, waited.index);
    printf(" %u", lh_wait(readable, LH_FOREVER, &waited));
    printf(" %u;", waited.outcome);
    printf(" %u", lh_wait_all(both, 2, 0, &waited));
    printf(" %u", lh_wait_any(twice, 2, 0, &waited));
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, 0));
    printf(" %u", lh_wait(readable, 0, &waited));
    printf(" %u;", waited.outcome);
    lh_latest_close(out);
    printf(" %u", lh_wait_any(both, 2, LH_FOREVER, &waited));
    printf(" %u at %u", waited.outcome, waited.index);
    lh_latest_close(in);
    printf(" %u\n", lh_wait(readable, 0, &waited));
    lh_object_close(readable);
    lh_object_close(event);
}

/* All calls with a handle of no end: how many of them said something else than 6. */
static int wrong(lh_latest *end)
{
    char text[8];
    size_t size;
    uint64_t count;
    lh_object *object;
    return (lh_latest_write(end, "x", 1, NULL) != 6) + (lh_latest_read(end, text, 8, NULL, NULL) != 6)
        + (lh_latest_next(end, text, 8, NULL, NULL, 0) != 6) + (lh_latest_version(end, &count) != 6)
        + (lh_latest_max_value(end, &size) != 6) + (lh_latest_readable(end, &object) != 6);
}

static void bad_input(void)
{
    static const uintptr_t forged[] = {1, 9, 25, 0x100009, 0x200009, (uintptr_t)-1, (uintptr_t)-7, 0x1234};
    lh_latest *end = NULL, *closed = NULL;
    lh_channel *channel = NULL;
    lh_broadcast *broadcast = NULL;
    lh_object *event = NULL;
    int bad = 0, index;

    lh_latest_reader_create("LhBadValue", NULL, &end);
    lh_channel_sender_create("LhBadWay", NULL, &channel);
    lh_broadcast_sender_create("LhBadAll", NULL, &broadcast);
    lh_event_create("LhBadEvent", true, false, &event, NULL);
    for (index = 0; index < 8; index++)
        /* The one that is open could be guessed. */
        if ((lh_latest *)forged[index] != end)
            bad += wrong((lh_latest *)forged[index]) + (lh_latest_close((lh_latest *)forged[index]) != 6);
    printf("bad: %d %d", wrong(NULL), bad);
    /* Ends of other kinds. */
    printf(" %d;", wrong((lh_latest *)channel) + wrong((lh_latest *)broadcast) + wrong((lh_latest *)event));
    printf(" %u", lh_latest_reader_create("LhBadEvent", NULL, &closed));
    printf(" %u", lh_latest_reader_create("LhBadAll", NULL, &closed));
    printf(" %u;", lh_latest_writer_create("LhBadWay", NULL, &closed));
    printf(" %u", lh_latest_version(end, NULL));
    printf(" %u", lh_latest_readable(end, NULL));
    printf(" %u", lh_latest_writer_create("LhBad2", NULL, NULL));
    printf(" %u", lh_latest_writer_create(NULL, NULL, &closed));
    printf(" %u %d;", lh_latest_writer_create("a\\b", NULL, &closed), closed == NULL);
    closed = end;
    printf(" %u", lh_latest_close(end));
    printf(" %u", lh_latest_close(NULL));
    printf(" %d", wrong(closed));
    printf(" %u\n", lh_latest_close(closed));
    lh_channel_close(channel);
    lh_broadcast_close(broadcast);
    lh_object_close(event);
}

/* A process that ends without a word. */
static int child(void)
{
    lh_latest *end = writer("LhLatestDies", NULL);
    printf("child: %u\n", lh_latest_write(end, "kept", 5, NULL));
    fflush(stdout);
    _Exit(3);
}

static void death(const char *program)
{
    lh_latest *in = reader("LhLatestDies", NULL), *out;
    char command[1000], text[100] = "";
    uint64_t version = 0;

    snprintf(command, sizeof command, "%s child", program);
    fflush(stdout);
    printf("death: %d", system(command) != 0);
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, 30ull * SECOND));
    printf(" %u", lh_latest_read(in, text, sizeof text, NULL, NULL));
    out = writer("LhLatestDies", NULL);
    printf(" %u", lh_latest_write(out, "after", 6, &version));
    printf(" %u", (unsigned)version);
    printf(" %u", lh_latest_next(in, text, sizeof text, NULL, NULL, LH_FOREVER));
    printf(" %s\n", text);
    lh_latest_close(out);
    lh_latest_close(in);
}

static void company(void)
{
    lh_latest *reader = NULL, *writer = NULL;
    char text[10];

    printf("company: %u", lh_latest_reader_create("LhLatestCompany", NULL, &reader));
    printf(" %u", lh_latest_wait_writer(reader, 1000000));
    printf(" %u", lh_latest_writer_create("LhLatestCompany", NULL, &writer));
    printf(" %u", lh_latest_wait_writer(reader, LH_FOREVER));
    printf(" %u", lh_latest_write(writer, "one", 4, NULL));
    printf(" %u;", lh_latest_wait_writer(writer, 0));
    lh_latest_close(writer);
    printf(" %u", lh_latest_wait_writer(reader, LH_FOREVER));
    printf(" %u", lh_latest_read(reader, text, 10, NULL, NULL));
    printf(" %u\n", lh_latest_wait_writer(reader, 1000000));
    lh_latest_close(reader);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child();
    values();
    types();
    waits();
    company();
    bad_input();
    death(argv[0]);
    return 0;
}
