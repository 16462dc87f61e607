/* Channels by the functions with the prefix lh_, which are the same on every system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lasthandle.h"

#define SECOND 1000000000u

static lh_channel *sender(const char *name, const lh_channel_options *options)
{
    lh_channel *end = NULL;
    uint32_t code = lh_channel_sender_create(name, options, &end);
    if (code != 0)
        printf("sender %s: %u %s\n", name, code, lh_error_message());
    return end;
}

static lh_channel *receiver(const char *name, const lh_channel_options *options)
{
    lh_channel *end = NULL;
    uint32_t code = lh_channel_receiver_create(name, options, &end);
    if (code != 0)
        printf("receiver %s: %u %s\n", name, code, lh_error_message());
    return end;
}

static lh_channel_options none(void)
{
    lh_channel_options options;
    memset(&options, 0, sizeof options);
    return options;
}

static void copied(void)
{
    static char large[16385];
    char text[100] = "untouched";
    size_t length = 99, most = 0;
    lh_channel *tx = sender("Local\\LhCopied", NULL), *rx = receiver("LhCopied", NULL), *other = NULL;

    printf("copied: %u", lh_channel_receive(rx, text, sizeof text, &length, 0));
    printf(" %u %s %u;", lh_channel_receive(rx, text, sizeof text, &length, 1000000), text, (unsigned)length);
    printf(" %u", lh_channel_send(tx, "hello", 6, LH_FOREVER));
    printf(" %u", lh_channel_receive(rx, text, 5, &length, LH_FOREVER));
    printf(" %s %u,", text, (unsigned)length);
    printf(" %u", lh_channel_receive(rx, text, 6, &length, LH_FOREVER));
    printf(" %s %u;", text, (unsigned)length);
    printf(" %u", lh_channel_send(tx, NULL, 0, 0));
    printf(" %u", lh_channel_receive(rx, NULL, 0, &length, 0));
    printf(" %u;", (unsigned)length);
    printf(" %u", lh_channel_max_message(tx, &most));
    printf(" %u %u", (unsigned)most, lh_channel_send(tx, large, most + 1, 0));
    printf(" %u", lh_channel_send(tx, NULL, 1, 0));
    printf(" %u\n", lh_channel_receive(rx, NULL, 1, NULL, 0));

    printf("taken: %u", lh_channel_sender_open("LhCopied", NULL, &other));
    printf(" %u", lh_channel_receiver_open("LhCopied", NULL, &other));
    printf(" %u", lh_duplex_open("LhCopied", NULL, &other));
    printf(" %u %d;", lh_channel_sender_open("LhMissing", NULL, &other), other == NULL);
    printf(" %u", lh_channel_send(rx, text, 1, 0));
    printf(" %u", lh_channel_receive(tx, text, 1, NULL, 0));
    printf(" %u;", lh_duplex_call(tx, text, 1, text, 1, NULL, 0));
    printf(" %u", lh_channel_send(tx, "last", 5, 0));
    printf(" %u", lh_channel_close(tx));
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, 0));
    printf(" %s %u\n", text, lh_channel_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    tx = sender("LhCopied", NULL);
    printf("successor: %u", lh_channel_send(tx, "again", 6, 0));
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    printf(" %s %u", text, lh_channel_close(rx));
    printf(" %u", lh_channel_send(tx, "x", 1, LH_FOREVER));
    printf(" %u\n", lh_channel_close(tx));
}

static void in_place(void)
{
    lh_channel *tx = sender("LhPlace", NULL), *rx = receiver("LhPlace", NULL);
    const void *found = NULL;
    void *room = NULL;
    char text[100];
    size_t length = 0;

    printf("in place: %u", lh_channel_reserve(tx, 100, &room, LH_FOREVER));
    printf(" %d", (int)((uintptr_t)room % 64));
    strcpy((char *)room, "written there");
    printf(" %u", lh_channel_send(tx, "x", 1, 0));
    printf(" %u", lh_channel_reserve(tx, 1, &room, 0));
    printf(" %u", lh_channel_commit(tx, 101));
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, 0));
    printf(" %u", lh_channel_commit(tx, 14));
    printf(" %u;", lh_channel_commit(tx, 14));
    printf(" %u", lh_channel_peek(rx, &found, &length, LH_FOREVER));
    printf(" %s %u", (const char *)found, (unsigned)length);
    printf(" %u", lh_channel_peek(rx, &found, &length, 0));
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, 0));
    printf(" %u", lh_channel_release(rx));
    printf(" %u", lh_channel_release(rx));
    printf(" %u\n", lh_channel_peek(rx, &found, &length, 0));

    printf("abandoned: %u", lh_channel_reserve(tx, 8, &room, 0));
    printf(" %u", lh_channel_abandon(tx));
    printf(" %u", lh_channel_abandon(tx));
    printf(" %u", lh_channel_peek(rx, &found, &length, 0));
    printf(" %u", lh_channel_send(tx, "next", 5, 0));
    printf(" %u", lh_channel_peek(rx, &found, &length, 0));
    printf(" %s", (const char *)found);
    /* Closed with a message lent: it was received. */
    printf(" %u", lh_channel_close(rx));
    rx = receiver("LhPlace", NULL);
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, 0));
    /* Closed with room reserved: nothing is sent. */
    printf(" %u", lh_channel_reserve(tx, 8, &room, 0));
    printf(" %u", lh_channel_close(tx));
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    printf(" %u\n", lh_channel_close(rx));
}

static void batches(void)
{
    lh_channel *tx = sender("LhBatch", NULL), *rx = receiver("LhBatch", NULL);
    static char large[16384];
    lh_bytes messages[20];
    char texts[3][8];
    size_t lengths[3] = {0, 0, 0}, count = 9;
    const char *words[] = {"one", "three", "five", "much too long", "end"};
    int index;
    for (index = 0; index < 5; index++) {
        messages[index].start = words[index];
        messages[index].length = strlen(words[index]) + 1;
    }
    printf("batches: %u", lh_channel_send_batch(tx, messages, 5, 0, &count));
    printf(" %u;", (unsigned)count);
    printf(" %u", lh_channel_receive_batch(rx, texts, 8, lengths, 2, &count, LH_FOREVER));
    printf(" %u %s %s %u,", (unsigned)count, texts[0], texts[1], (unsigned)lengths[1]);
    printf(" %u", lh_channel_receive_batch(rx, texts, 8, NULL, 3, &count, 0));
    printf(" %u %s,", (unsigned)count, texts[0]);
    printf(" %u", lh_channel_receive_batch(rx, texts, 8, lengths, 3, &count, 0));
    printf(" %u %u,", (unsigned)count, (unsigned)lengths[0]);
    printf(" %u", lh_channel_receive(rx, large, sizeof large, NULL, 0));
    printf(" %s,", large);
    printf(" %u", lh_channel_receive_batch(rx, texts, 8, lengths, 3, &count, 0));
    printf(" %u %s,", (unsigned)count, texts[0]);
    printf(" %u", lh_channel_receive_batch(rx, texts, 8, lengths, 3, &count, 0));
    printf(" %u;", (unsigned)count);
    printf(" %u\n", lh_channel_receive_batch(rx, texts, (size_t)-1, lengths, 3, &count, 0));

    for (index = 0; index < 20; index++) {
        messages[index].start = large;
        messages[index].length = index == 1 ? sizeof large + 1 : sizeof large;
    }
    printf("full: %u", lh_channel_send_batch(tx, messages, 20, 0, &count));
    printf(" %u", (unsigned)count);
    printf(" %u", lh_channel_send_batch(tx, messages + 2, 18, 1000000, &count));
    printf(" %u", (unsigned)count);
    printf(" %u", lh_channel_send(tx, large, sizeof large, 1000000));
    printf(" %u", lh_channel_send_batch(tx, NULL, 1, 0, NULL));
    printf(" %u\n", lh_channel_send_batch(tx, NULL, 0, 0, NULL));
    lh_channel_close(tx);
    lh_channel_close(rx);
}

static void types(void)
{
    lh_channel_options options = none(), wrong = none();
    lh_channel *tx, *rx, *other = NULL;
    uint64_t value = 42;
    void *room = NULL;

    options.type_size = sizeof value;
    options.type_alignment = 8;
    options.type_name = "counter";
    tx = sender("LhTyped", &options);
    rx = receiver("LhTyped", &options);
    printf("types: %u", lh_channel_send(tx, &value, 8, 0));
    printf(" %u", lh_channel_send(tx, &value, 7, 0));
    printf(" %u", lh_channel_reserve(tx, 9, &room, 0));
    printf(" %u", lh_channel_reserve(tx, 8, &room, 0));
    printf(" %u", lh_channel_commit(tx, 7));
    printf(" %u", lh_channel_abandon(tx));
    value = 0;
    printf(" %u", lh_channel_receive(rx, &value, 8, NULL, 0));
    printf(" %u;", (unsigned)value);
    lh_channel_close(rx);
    printf(" %u", lh_channel_receiver_create("LhTyped", NULL, &other));
    wrong = options;
    wrong.type_name = "meter";
    printf(" %u", lh_channel_receiver_create("LhTyped", &wrong, &other));
    wrong = options;
    wrong.type_alignment = 4;
    printf(" %u;", lh_channel_receiver_create("LhTyped", &wrong, &other));
    wrong.type_alignment = 3;
    printf(" %u", lh_channel_receiver_create("LhOther", &wrong, &other));
    wrong.type_alignment = 0;
    printf(" %u", lh_channel_receiver_create("LhOther", &wrong, &other));
    wrong.type_alignment = 16;
    printf(" %u", lh_channel_receiver_create("LhOther", &wrong, &other));
    wrong = options;
    wrong.type_name = "\xFF";
    printf(" %u", lh_channel_receiver_create("LhOther", &wrong, &other));
    wrong = none();
    wrong.type_alignment = 8;
    printf(" %u", lh_channel_receiver_create("LhOther", &wrong, &other));
    wrong = none();
    wrong.senders = 61;
    printf(" %u %d\n", lh_channel_receiver_create("LhOther", &wrong, &other), other == NULL);
    lh_channel_close(tx);
}

static void several(void)
{
    lh_channel_options options = none();
    lh_channel *rx, *a, *b, *c = NULL;
    char text[9] = "";
    options.senders = 2;
    options.capacity = 4097;
    options.max_message = 8;
    rx = receiver("LhSeveral", &options);
    a = sender("LhSeveral", NULL);
    b = sender("LhSeveral", NULL);
    printf("several: %u", lh_channel_sender_create("LhSeveral", NULL, &c));
    printf(" %u", lh_channel_send(a, "a", 2, 0));
    printf(" %u", lh_channel_send(b, "b", 2, 0));
    lh_channel_close(a);
    printf(" %u", lh_channel_receive(rx, text, 9, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u", lh_channel_receive(rx, text, 9, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u", lh_channel_receive(rx, text, 9, NULL, 1000000));
    lh_channel_close(b);
    printf(" %u\n", lh_channel_receive(rx, text, 9, NULL, LH_FOREVER));
    lh_channel_close(rx);
}

static void two_ways(void)
{
    lh_channel *client = NULL, *server = NULL, *third = NULL;
    char text[10] = "";
    size_t length = 0;
    printf("two ways: %u", lh_duplex_create("LhTwo", NULL, &server));
    printf(" %u", lh_duplex_open("LhTwo", NULL, &client));
    printf(" %u", lh_duplex_open("LhTwo", NULL, &third));
    /* The reply is there before it is asked for: one thread is enough. */
    printf(" %u", lh_channel_send(server, "a reply", 8, 0));
    printf(" %u", lh_duplex_call(client, "question", 9, text, 7, &length, 0));
    printf(" %u", (unsigned)length);
    printf(" %u", lh_channel_receive(client, text, sizeof text, NULL, 0));
    printf(" %s", text);
    printf(" %u", lh_channel_receive(server, text, sizeof text, NULL, 0));
    printf(" %s", text);
    printf(" %u", lh_duplex_call(client, "q", 2, text, sizeof text, &length, 1000000));
    lh_channel_close(server);
    printf(" %u\n", lh_duplex_call(client, "q", 2, text, sizeof text, &length, LH_FOREVER));
    lh_channel_close(client);
}

static void waits(void)
{
    lh_channel *tx = sender("LhWaits", NULL), *rx = receiver("LhWaits", NULL);
    lh_object *readable = NULL, *writable = NULL, *event = NULL, *other = NULL;
    const lh_object *both[2], *ends[2], *twice[2];
    const void *found;
    size_t length;
    char text[8], name[8];
    lh_waited waited = {9, 9};

    lh_event_create(NULL, false, false, &event, NULL);
    printf("waits: %u", lh_channel_readable(tx, &readable));
    printf(" %u", lh_channel_writable(rx, &writable));
    printf(" %u", lh_channel_readable(rx, &readable));
    printf(" %u", lh_channel_writable(tx, &writable));
    printf(" %d %d", lh_object_kind(readable) == LH_READABLE, lh_object_kind(writable) == LH_WRITABLE);
    both[0] = event, both[1] = readable;
    ends[0] = readable, ends[1] = writable;
    twice[0] = readable, twice[1] = readable;
    printf(" %u", lh_wait_any(both, 2, 1000000, &waited));
    printf(" %u;", waited.outcome);
    printf(" %u", lh_wait_any(ends, 2, LH_FOREVER, &waited));
    printf(" %u at %u;", waited.outcome, waited.index);
    lh_channel_send(tx, "x", 2, 0);
    printf(" %u", lh_wait_any(both, 2, LH_FOREVER, &waited));
    printf(" %u at %u,", waited.outcome, waited.index);
    printf(" %u", lh_wait(readable, LH_FOREVER, &waited));
    printf(" %u,", waited.outcome);
    lh_event_set(event);
    printf(" %u", lh_wait_any(both, 2, LH_FOREVER, &waited));
    printf(" %u at %u\n", waited.outcome, waited.index);

    printf("not: %u", lh_wait_all(both, 2, 0, &waited));
    printf(" %u", lh_signal_and_wait(event, readable, 0, &waited));
    printf(" %u", lh_signal_and_wait(readable, event, 0, &waited));
    printf(" %u", lh_wait_any(twice, 2, 0, &waited));
    printf(" %u", lh_event_set(readable));
    printf(" %u", lh_object_duplicate(readable, LH_SAME, false, &other));
    printf(" %u", lh_object_name(readable, name, sizeof name, NULL));
    lh_channel_peek(rx, &found, &length, 0);
    printf(" %u", lh_wait(readable, 0, &waited));
    lh_channel_release(rx);
    printf(" %u", lh_wait(readable, 0, &waited));
    printf(" %u", waited.outcome);
    lh_channel_close(tx);
    printf(" %u", lh_wait(readable, LH_FOREVER, &waited));
    printf(" %u", waited.outcome);
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, 0));
    printf(" %u", lh_wait(writable, 0, &waited));
    lh_channel_close(rx);
    printf(" %u\n", lh_wait(readable, 0, &waited));
    lh_object_close(readable);
    lh_object_close(writable);
    lh_object_close(event);
}

/* All calls with a handle of no end, and with places that are not there: how many of them said something else. */
static int wrong(lh_channel *end, uint32_t code)
{
    const void *found;
    void *room;
    char text[8];
    size_t length;
    uint64_t lost;
    lh_object *object;
    return (lh_channel_send(end, "x", 1, 0) != code) + (lh_channel_send_batch(end, NULL, 0, 0, NULL) != code)
        + (lh_channel_receive(end, text, 8, NULL, 0) != code)
        + (lh_channel_receive_batch(end, text, 8, NULL, 1, NULL, 0) != code)
        + (lh_duplex_call(end, "x", 1, text, 8, NULL, 0) != code) + (lh_channel_reserve(end, 1, &room, 0) != code)
        + (lh_channel_commit(end, 0) != code) + (lh_channel_abandon(end) != code)
        + (lh_channel_peek(end, &found, &length, 0) != code) + (lh_channel_release(end) != code)
        + (lh_channel_max_message(end, &length) != code) + (lh_channel_lost(end, &lost) != code)
        + (lh_channel_readable(end, &object) != code) + (lh_channel_writable(end, &object) != code);
}

static void bad_input(void)
{
    static const uintptr_t forged[] = {1, 13, 29, 0x10000D, 0x20000D, (uintptr_t)-1, (uintptr_t)-3, 0x1234};
    lh_channel *end = NULL, *closed;
    lh_object *event = NULL;
    int bad = 0, index;
    lh_duplex_create("LhBad", NULL, &end);
    lh_event_create(NULL, true, false, &event, NULL);
    for (index = 0; index < 8; index++) {
        /* The one that is open could be guessed. */
        if ((lh_channel *)forged[index] != end)
            bad += wrong((lh_channel *)forged[index], 6) + (lh_channel_close((lh_channel *)forged[index]) != 6);
    }
    printf("bad: %d", wrong(NULL, 6));
    printf(" %d", bad);
    printf(" %d", wrong((lh_channel *)event, 6));
    printf(" %u", lh_channel_reserve(end, 1, NULL, 0));
    printf(" %u", lh_channel_peek(end, NULL, NULL, 0));
    printf(" %u", lh_channel_lost(end, NULL));
    printf(" %u", lh_channel_readable(end, NULL));
    printf(" %u", lh_duplex_create("LhBad2", NULL, NULL));
    printf(" %u", lh_duplex_create(NULL, NULL, &closed));
    printf(" %u", lh_duplex_create("a\\b", NULL, &closed));
    closed = end;
    printf(" %u", lh_channel_close(end));
    printf(" %u", lh_channel_close(NULL));
    printf(" %d", wrong(closed, 6));
    printf(" %u\n", lh_channel_close(closed));
    lh_object_close(event);
}

/* A process that ends in the middle of a message. */
static int child(void)
{
    lh_channel *tx = sender("LhDies", NULL);
    void *room = NULL;
    printf("child: %u", lh_channel_send(tx, "whole", 6, 0));
    printf(" %u\n", lh_channel_reserve(tx, 100, &room, 0));
    strcpy((char *)room, "torn");
    fflush(stdout);
    _Exit(3);
}

static void death(const char *program)
{
    lh_channel *rx = receiver("LhDies", NULL), *tx;
    char command[1000], text[100] = "";
    uint64_t lost = 9;
    snprintf(command, sizeof command, "%s child", program);
    fflush(stdout);
    printf("death: %d", system(command) != 0);
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    printf(" %s", text);
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, 30ull * SECOND));
    printf(" %u", lh_channel_lost(rx, &lost));
    printf(" %u", (unsigned)lost);
    tx = sender("LhDies", NULL);
    printf(" %u", lh_channel_send(tx, "after", 6, 0));
    printf(" %u", lh_channel_receive(rx, text, sizeof text, NULL, LH_FOREVER));
    printf(" %s\n", text);
    lh_channel_close(tx);
    lh_channel_close(rx);
}

/* For the other side itself: until it has come, and until it has taken everything. */
static void company(void)
{
    char text[10];
    lh_channel *tx = sender("LhCompany", NULL), *rx = NULL;

    printf("company: %u %u", lh_channel_wait_received(tx, 0), lh_channel_wait_receiver(tx, 1000000));
    printf(" %u", lh_channel_send(tx, "one", 4, 0));
    printf(" %u %u;", lh_channel_wait_received(tx, 0), lh_channel_wait_received(tx, 1000000));
    rx = receiver("LhCompany", NULL);
    printf(" %u", lh_channel_wait_receiver(tx, LH_FOREVER));
    printf(" %u", lh_channel_receive(rx, text, 10, NULL, 0));
    printf(" %u;", lh_channel_wait_received(tx, LH_FOREVER));
    printf(" %u", lh_channel_send(tx, "two", 4, 0));
    lh_channel_close(rx);
    printf(" %u", lh_channel_wait_received(tx, LH_FOREVER));
    printf(" %u", lh_channel_wait_receiver(tx, 1000000));
    rx = receiver("LhCompany", NULL);
    printf(" %u", lh_channel_wait_receiver(tx, LH_FOREVER));
    lh_channel_close(tx);
    printf(" %u;", lh_channel_wait_sender(rx, LH_FOREVER));
    printf(" %u", lh_channel_receive(rx, text, 10, NULL, LH_FOREVER));
    printf(" %u", lh_channel_receive(rx, text, 10, NULL, LH_FOREVER));
    printf(" %u", lh_channel_wait_sender(rx, 1000000));
    tx = sender("LhCompany", NULL);
    printf(" %u;", lh_channel_wait_sender(rx, LH_FOREVER));
    printf(" %u %u", lh_channel_wait_sender(tx, 0), lh_channel_wait_receiver(rx, 0));
    printf(" %u %u\n", lh_channel_wait_received(rx, 0), lh_channel_wait_received(NULL, 0));
    lh_channel_close(tx);
    lh_channel_close(rx);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child();
    copied();
    in_place();
    batches();
    types();
    several();
    two_ways();
    waits();
    company();
    bad_input();
    death(argv[0]);
    return 0;
}
