/* Broadcasts by the functions with the prefix lh_, which are the same on every system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lasthandle.h"

#define SECOND 1000000000u

static lh_broadcast_options none(void)
{
    lh_broadcast_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static lh_broadcast *sender(const char *name, const lh_broadcast_options *options)
{
    lh_broadcast *end = NULL;
    uint32_t code = lh_broadcast_sender_create(name, options, &end);
    if (code != 0)
        printf("sender %s: %u %s\n", name, code, lh_error_message());
    return end;
}

static lh_broadcast *receiver(const char *name, const lh_broadcast_options *options)
{
    lh_broadcast *end = NULL;
    uint32_t code = lh_broadcast_receiver_create(name, options, &end);
    if (code != 0)
        printf("receiver %s: %u %s\n", name, code, lh_error_message());
    return end;
}

static uint64_t asked(uint32_t (*what)(lh_broadcast *, uint64_t *), lh_broadcast *end)
{
    uint64_t value = 99;
    uint32_t code = what(end, &value);
    return code == 0 ? value : 1000 + code;
}

static unsigned receivers(lh_broadcast *end)
{
    size_t count = 99;
    lh_broadcast_receivers(end, &count);
    return (unsigned)count;
}

static void to_all(void)
{
    static char large[16385];
    char text[100] = "untouched";
    size_t length = 99, most = 0;
    lh_broadcast_options oldest = none();
    lh_broadcast *tx = sender("Local\\LhCast", NULL), *a, *b, *other = NULL;

    oldest.from_oldest = true;
    printf("to all: %u", lh_broadcast_send(tx, "kept", 5, 0));
    a = receiver("LhCast", NULL);
    b = receiver("LhCast", &oldest);
    printf(" %u", receivers(tx));
    printf(" %u", lh_broadcast_receive(a, text, sizeof text, &length, 0));
    printf(" %s %u", text, (unsigned)length);
    printf(" %u;", lh_broadcast_receive(a, text, sizeof text, &length, 1000000));
    printf(" %u", lh_broadcast_send(tx, "hello", 6, LH_FOREVER));
    printf(" %u", lh_broadcast_receive(a, text, 5, &length, LH_FOREVER));
    printf(" %s %u,", text, (unsigned)length);
    printf(" %u", lh_broadcast_receive(a, text, 6, &length, LH_FOREVER));
    printf(" %s %u,", text, (unsigned)length);
    printf(" %u", lh_broadcast_receive(b, text, sizeof text, NULL, 0));
    printf(" %s", text);
    printf(" %u", lh_broadcast_receive(b, text, sizeof text, NULL, 0));
    printf(" %s", text);
    printf(" %u;", lh_broadcast_receive(b, text, sizeof text, NULL, 0));
    printf(" %u", lh_broadcast_send(tx, NULL, 0, 0));
    printf(" %u", lh_broadcast_receive(a, NULL, 0, &length, 0));
    printf(" %u;", (unsigned)length);
    printf(" %u", lh_broadcast_max_message(tx, &most));
    printf(" %u %u", (unsigned)most, lh_broadcast_send(tx, large, most + 1, 0));
    printf(" %u", lh_broadcast_send(tx, NULL, 1, 0));
    printf(" %u", lh_broadcast_receive(a, NULL, 1, NULL, 0));
    printf(" %u\n", (unsigned)asked(lh_broadcast_sent, tx));

    printf("taken: %u", lh_broadcast_sender_open("LhCast", NULL, &other));
    printf(" %u %d;", lh_broadcast_receiver_open("LhMissing", NULL, &other), other == NULL);
    printf(" %u", lh_broadcast_send(a, text, 1, 0));
    printf(" %u", lh_broadcast_receive(tx, text, 1, NULL, 0));
    printf(" %u", (unsigned)asked(lh_broadcast_sent, a));
    printf(" %u", (unsigned)asked(lh_broadcast_missed, tx));
    printf(" %u;", (unsigned)asked(lh_broadcast_lost, tx));
    printf(" %u", lh_broadcast_close(b));
    printf(" %u", receivers(tx));
    printf(" %u", lh_broadcast_send(tx, "last", 5, 0));
    printf(" %u", lh_broadcast_close(tx));
    printf(" %u", lh_broadcast_receive(a, text, sizeof text, NULL, 0));
    printf(" %s %u\n", text, lh_broadcast_receive(a, text, sizeof text, NULL, LH_FOREVER));
    printf("successor: %u", lh_broadcast_sender_open("LhCast", NULL, &tx));
    printf(" %u", (unsigned)asked(lh_broadcast_sent, tx));
    printf(" %u", lh_broadcast_send(tx, "again", 6, 0));
    printf(" %u", lh_broadcast_receive(a, text, sizeof text, NULL, LH_FOREVER));
    printf(" %s %u", text, lh_broadcast_close(a));
    /* Nobody receives: there is always room. */
    for (length = 0; length < 100; length++)
        if (lh_broadcast_send(tx, large, 16384, 0) != 0)
            printf(" no room");
    printf(" %u\n", lh_broadcast_close(tx));
}

static void full(void)
{
    static char large[1000];
    lh_broadcast_options options = none();
    lh_broadcast *tx, *rx;
    int sent = 0;
    size_t length = 0;

    options.capacity = 4096;
    options.max_message = sizeof large;
    tx = sender("LhFull", &options);
    rx = receiver("LhFull", &options);
    while (lh_broadcast_send(tx, large, sizeof large, 0) == 0)
        sent++;
    printf("full: %d", sent > 0 && sent < 5);
    printf(" %u", lh_broadcast_send(tx, large, sizeof large, 1000000));
    printf(" %u", lh_broadcast_receive(rx, large, sizeof large, &length, 0));
    printf(" %u", (unsigned)length);
    while (lh_broadcast_receive(rx, large, sizeof large, NULL, 0) == 0)
        continue;
    printf(" %u", lh_broadcast_send(tx, large, sizeof large, 0));
    printf(" %u\n", (unsigned)asked(lh_broadcast_missed, rx));
    lh_broadcast_close(tx);
    lh_broadcast_close(rx);

    options.lossy = true;
    tx = sender("LhLossy", &options);
    rx = receiver("LhLossy", NULL);
    for (sent = 0; sent < 100; sent++) {
        memset(large, sent, sizeof large);
        if (lh_broadcast_send(tx, large, sizeof large, 0) != 0)
            printf("no room\n");
    }
    printf("lossy: %u", lh_broadcast_receive(rx, large, 10, &length, 0));
    printf(" %u", (unsigned)length);
    printf(" %u", lh_broadcast_receive(rx, large, sizeof large, NULL, 0));
    printf(" %d", large[0] == large[999] && asked(lh_broadcast_missed, rx) == (uint64_t)large[0]);
    for (sent = large[0] + 1; lh_broadcast_receive(rx, large, sizeof large, NULL, 0) == 0; sent++)
        if (large[0] != sent || large[999] != sent)
            printf(" torn");
    printf(" %d\n", sent);
    lh_broadcast_close(tx);
    lh_broadcast_close(rx);
}

static void types(void)
{
    lh_broadcast_options options = none(), wrong;
    lh_broadcast *tx, *rx, *other = NULL;
    lh_channel *channel = NULL;
    lh_latest *latest = NULL;
    uint64_t value = 42;

    options.type_size = sizeof value;
    options.type_alignment = 8;
    options.type_name = "counter";
    tx = sender("LhTypedCast", &options);
    rx = receiver("LhTypedCast", &options);
    printf("types: %u", lh_broadcast_send(tx, &value, 8, 0));
    printf(" %u", lh_broadcast_send(tx, &value, 7, 0));
    value = 0;
    printf(" %u", lh_broadcast_receive(rx, &value, 7, NULL, 0));
    printf(" %u", lh_broadcast_receive(rx, &value, 8, NULL, 0));
    printf(" %u;", (unsigned)value);
    printf(" %u", lh_broadcast_receiver_open("LhTypedCast", NULL, &other));
    wrong = options;
    wrong.type_name = "meter";
    printf(" %u", lh_broadcast_receiver_open("LhTypedCast", &wrong, &other));
    wrong = options;
    wrong.type_alignment = 4;
    printf(" %u", lh_broadcast_receiver_create("LhTypedCast", &wrong, &other));
    printf(" %u", lh_channel_receiver_open("LhTypedCast", NULL, &channel));
    printf(" %u;", lh_latest_reader_open("LhTypedCast", NULL, &latest));
    wrong.type_alignment = 3;
    printf(" %u", lh_broadcast_sender_create("LhOtherCast", &wrong, &other));
    wrong = none();
    wrong.type_alignment = 8;
    printf(" %u", lh_broadcast_sender_create("LhOtherCast", &wrong, &other));
    wrong = none();
    wrong.type_name = "\xFF";
    printf(" %u", lh_broadcast_sender_create("LhOtherCast", &wrong, &other));
    wrong = none();
    wrong.receivers = 61;
    printf(" %u %d\n", lh_broadcast_sender_create("LhOtherCast", &wrong, &other), other == NULL);
    lh_broadcast_close(rx);
    options.receivers = 1;
    lh_broadcast_close(tx);
    tx = sender("LhOne", &options);
    rx = receiver("LhOne", &options);
    printf("one: %u %u\n", lh_broadcast_receiver_create("LhOne", &options, &other), receivers(tx));
    lh_broadcast_close(tx);
    lh_broadcast_close(rx);
}

static void waits(void)
{
    lh_broadcast *tx = sender("LhCastWaits", NULL), *rx = receiver("LhCastWaits", NULL);
    lh_object *readable = NULL, *event = NULL;
    const lh_object *both[2], *twice[2];
    char text[8];
    lh_waited waited = {9, 9};

    lh_event_create(NULL, false, false, &event, NULL);
    printf("waits: %u", lh_broadcast_readable(tx, &readable));
    printf(" %u", lh_broadcast_readable(rx, &readable));
    printf(" %d", lh_object_kind(readable) == LH_READABLE);
    both[0] = event, both[1] = readable;
    twice[0] = readable, twice[1] = readable;
    printf(" %u", lh_wait_any(both, 2, 1000000, &waited));
    printf(" %u;", waited.outcome);
    lh_broadcast_send(tx, "x", 2, 0);
    printf(" %u", lh_wait_any(both, 2, LH_FOREVER, &waited));
    printf(" %u at %u,", waited.outcome, waited.index);
    printf(" %u", lh_wait(readable, LH_FOREVER, &waited));
    printf(" %u;", waited.outcome);
    printf(" %u", lh_wait_all(both, 2, 0, &waited));
    printf(" %u", lh_wait_any(twice, 2, 0, &waited));
    printf(" %u", lh_event_set(readable));
    printf(" %u", lh_broadcast_receive(rx, text, sizeof text, NULL, 0));
    printf(" %u", lh_wait(readable, 0, &waited));
    printf(" %u;", waited.outcome);
    lh_broadcast_close(tx);
    printf(" %u", lh_wait_any(both, 2, LH_FOREVER, &waited));
    printf(" %u at %u", waited.outcome, waited.index);
    printf(" %u", lh_broadcast_receive(rx, text, sizeof text, NULL, 0));
    lh_broadcast_close(rx);
    printf(" %u\n", lh_wait(readable, 0, &waited));
    lh_object_close(readable);
    lh_object_close(event);
}

/* All calls with a handle of no end: how many of them said something else than 6. */
static int wrong(lh_broadcast *end)
{
    char text[8];
    size_t size;
    uint64_t count;
    lh_object *object;
    return (lh_broadcast_send(end, "x", 1, 0) != 6) + (lh_broadcast_receive(end, text, 8, NULL, 0) != 6)
        + (lh_broadcast_max_message(end, &size) != 6) + (lh_broadcast_sent(end, &count) != 6)
        + (lh_broadcast_receivers(end, &size) != 6) + (lh_broadcast_missed(end, &count) != 6)
        + (lh_broadcast_lost(end, &count) != 6) + (lh_broadcast_readable(end, &object) != 6);
}

static void bad_input(void)
{
    static const uintptr_t forged[] = {1, 11, 27, 0x10000B, 0x20000B, (uintptr_t)-1, (uintptr_t)-5, 0x1234};
    lh_broadcast *end = NULL, *closed = NULL;
    lh_channel *channel = NULL;
    lh_latest *latest = NULL;
    lh_object *mutex = NULL;
    lh_mapping *mapping = NULL;
    int bad = 0, index;

    lh_broadcast_receiver_create("LhBadCast", NULL, &end);
    lh_channel_sender_create("LhBadChannel", NULL, &channel);
    lh_latest_writer_create("LhBadLatest", NULL, &latest);
    lh_mutex_create("LhBadMutex", false, &mutex, NULL);
    for (index = 0; index < 8; index++)
        /* The one that is open could be guessed. */
        if ((lh_broadcast *)forged[index] != end)
            bad += wrong((lh_broadcast *)forged[index]) + (lh_broadcast_close((lh_broadcast *)forged[index]) != 6);
    printf("bad: %d %d", wrong(NULL), bad);
    /* Ends of other kinds, either way. */
    printf(" %d", wrong((lh_broadcast *)channel) + wrong((lh_broadcast *)latest) + wrong((lh_broadcast *)mutex));
    printf(" %u", lh_channel_close((lh_channel *)end));
    printf(" %u;", lh_latest_close((lh_latest *)end));
    printf(" %u", lh_broadcast_receiver_create("LhBadMutex", NULL, &closed));
    printf(" %u", lh_broadcast_receiver_open("LhBadMutex", NULL, &closed));
    printf(" %u", lh_mapping_create("LhBadMapping", 4096, &mapping, NULL));
    printf(" %u;", lh_broadcast_receiver_create("LhBadMapping", NULL, &closed));
    printf(" %u", lh_broadcast_missed(end, NULL));
    printf(" %u", lh_broadcast_readable(end, NULL));
    printf(" %u", lh_broadcast_sender_create("LhBad2", NULL, NULL));
    printf(" %u", lh_broadcast_sender_create(NULL, NULL, &closed));
    printf(" %u %d;", lh_broadcast_sender_create("a\\b", NULL, &closed), closed == NULL);
    closed = end;
    printf(" %u", lh_broadcast_close(end));
    printf(" %u", lh_broadcast_close(NULL));
    printf(" %d", wrong(closed));
    printf(" %u\n", lh_broadcast_close(closed));
    lh_channel_close(channel);
    lh_latest_close(latest);
    lh_object_close(mutex);
    lh_mapping_close(mapping);
}

/* Processes that end without a word. */
static int child(const char *role)
{
    lh_broadcast *end;
    if (strcmp(role, "receiver") == 0) {
        end = receiver("LhCastDies", NULL);
        printf("child receives: %d\n", end != NULL);
    } else {
        end = sender("LhCastDies", NULL);
        printf("child sends: %u\n", lh_broadcast_send(end, "whole", 6, 0));
    }
    fflush(stdout);
    _Exit(3);
}

static int run(const char *program, const char *role)
{
    char command[1000];
    snprintf(command, sizeof command, "%s %s", program, role);
    fflush(stdout);
    return system(command) != 0;
}

static void death(const char *program)
{
    static char large[16384];
    lh_broadcast *rx = receiver("LhCastDies", NULL), *tx;
    char text[100] = "";
    int index, failed = 0;

    printf("sender's: %d", run(program, "sender"));
    printf(" %u", lh_broadcast_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u", lh_broadcast_receive(rx, text, sizeof text, NULL, 30ull * SECOND));
    printf(" %u", (unsigned)asked(lh_broadcast_lost, rx));
    tx = sender("LhCastDies", NULL);
    printf(" %u", lh_broadcast_send(tx, "after", 6, 0));
    printf(" %u", lh_broadcast_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    printf(" %s\n", text);
    lh_broadcast_close(rx);

    printf("receiver's: %d", run(program, "receiver"));
    /* It holds nobody back. */
    for (index = 0; index < 20; index++)
        failed += lh_broadcast_send(tx, large, sizeof large, 30ull * SECOND) != 0;
    printf(" %d %u\n", failed, receivers(tx));
    lh_broadcast_close(tx);
}

static void company(void)
{
    lh_broadcast *rx = NULL, *tx = NULL;

    printf("company: %u", lh_broadcast_receiver_create("LhCastCompany", NULL, &rx));
    printf(" %u", lh_broadcast_wait_sender(rx, 1000000));
    printf(" %u", lh_broadcast_sender_create("LhCastCompany", NULL, &tx));
    printf(" %u", lh_broadcast_wait_sender(rx, LH_FOREVER));
    lh_broadcast_close(tx);
    printf(" %u;", lh_broadcast_wait_sender(rx, 0));
    printf(" %u", lh_broadcast_sender_create("LhCastCompany", NULL, &tx));
    printf(" %u %u\n", lh_broadcast_wait_sender(rx, LH_FOREVER), lh_broadcast_wait_sender(tx, 0));
    lh_broadcast_close(tx);
    lh_broadcast_close(rx);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child(argv[1]);
    to_all();
    full();
    types();
    waits();
    company();
    bad_input();
    death(argv[0]);
    return 0;
}
