/* Peers that are killed from outside while somebody waits for them: he learns of it at once. The calls with the prefix lh_
 * are ours on every system; the child is started and killed by Windows' own. */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include "lasthandle.h"

#define WATCHDOG 30000000000ull

static char program[MAX_PATH];
static char large[16384];

/* Takes an end, says that it is ready, and waits to be killed. */
static int child(const char *role)
{
    lh_object *ready = NULL, *never = NULL;
    lh_waited waited;
    lh_channel *channel = NULL;
    lh_broadcast *broadcast = NULL;
    lh_latest *latest = NULL;
    void *room = NULL;
    uint32_t code = 99;

    if (strcmp(role, "sender") == 0) {
        lh_channel_sender_open("LhKilled", NULL, &channel);
        code = lh_channel_send(channel, "whole", 6, 0) + lh_channel_reserve(channel, 1000, &room, 0);
        if (code == 0)
            memset(room, '?', 500);
    } else if (strcmp(role, "receiver") == 0) {
        code = lh_channel_receiver_open("LhKilled", NULL, &channel);
    } else if (strcmp(role, "server") == 0) {
        code = lh_duplex_open("LhKilled", NULL, &channel);
    } else if (strcmp(role, "broadcaster") == 0) {
        lh_broadcast_sender_open("LhKilled", NULL, &broadcast);
        code = lh_broadcast_send(broadcast, "whole", 6, 0);
    } else if (strcmp(role, "subscriber") == 0) {
        code = lh_broadcast_receiver_open("LhKilled", NULL, &broadcast);
    } else if (strcmp(role, "writer") == 0) {
        lh_latest_writer_open("LhKilled", NULL, &latest);
        code = lh_latest_write(latest, "kept", 5, NULL);
    }
    if (code != 0)
        return 1;
    lh_event_open("LhReady", &ready);
    lh_event_set(ready);
    lh_event_create(NULL, true, false, &never, NULL);
    lh_wait(never, LH_FOREVER, &waited);
    return 0;
}

static DWORD WINAPI kill_it(void *process)
{
    Sleep(50);
    TerminateProcess((HANDLE)process, 9);
    return 0;
}

/* A child that is ready, and will be killed soon. */
static HANDLE doomed(const char *role)
{
    char line[MAX_PATH + 40];
    STARTUPINFOA startup;
    PROCESS_INFORMATION started;
    lh_object *ready = NULL;
    lh_waited waited = {9, 9};

    memset(&startup, 0, sizeof startup);
    memset(&started, 0, sizeof started);
    startup.cb = sizeof startup;
    lh_event_create("LhReady", false, false, &ready, NULL);
    snprintf(line, sizeof line, "\"%s\" %s", program, role);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &started))
        printf("CreateProcess: error %u\n", (unsigned)GetLastError());
    CloseHandle(started.hThread);
    lh_wait(ready, WATCHDOG, &waited);
    lh_object_close(ready);
    printf("%s: %u", role, waited.outcome);
    return started.hProcess;
}

static HANDLE killer(HANDLE process)
{
    return CreateThread(NULL, 0, kill_it, process, 0, NULL);
}

static void over(HANDLE process, HANDLE thread)
{
    DWORD code = 0;
    WaitForSingleObject(thread, INFINITE);
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    printf(", killed: %u\n", (unsigned)code);
    CloseHandle(thread);
    CloseHandle(process);
}

static void sender_dies(void)
{
    lh_channel *end = NULL;
    HANDLE process, thread;
    char text[8] = "";
    uint64_t lost = 9;

    lh_channel_receiver_create("LhKilled", NULL, &end);
    process = doomed("sender");
    printf(" %u", lh_channel_receive(end, text, sizeof text, NULL, 0));
    printf(" %s", text);
    thread = killer(process);
    printf(" %u", lh_channel_receive(end, text, sizeof text, NULL, WATCHDOG));
    lh_channel_lost(end, &lost);
    printf(" %u", (unsigned)lost);
    lh_channel_close(end);
    over(process, thread);
}

static void receiver_dies(void)
{
    lh_channel *end = NULL;
    HANDLE process, thread;
    uint32_t code;

    lh_channel_sender_create("LhKilled", NULL, &end);
    process = doomed("receiver");
    while ((code = lh_channel_send(end, large, sizeof large, 0)) == 0)
        continue;
    thread = killer(process);
    printf(" %u", code);
    printf(" %u", lh_channel_send(end, large, sizeof large, WATCHDOG));
    lh_channel_close(end);
    over(process, thread);
}

static void server_dies(void)
{
    lh_channel *end = NULL;
    HANDLE process, thread;
    char text[8];

    lh_duplex_create("LhKilled", NULL, &end);
    process = doomed("server");
    thread = killer(process);
    printf(" %u", lh_duplex_call(end, "question", 9, text, sizeof text, NULL, WATCHDOG));
    lh_channel_close(end);
    over(process, thread);
}

static void broadcaster_dies(void)
{
    lh_broadcast *end = NULL;
    lh_object *objects[2] = {NULL, NULL};
    lh_waited waited = {9, 9};
    HANDLE process, thread;
    char text[8] = "";

    lh_broadcast_receiver_create("LhKilled", NULL, &end);
    lh_event_create(NULL, false, false, &objects[0], NULL);
    lh_broadcast_readable(end, &objects[1]);
    process = doomed("broadcaster");
    printf(" %u", lh_broadcast_receive(end, text, sizeof text, NULL, 0));
    printf(" %s", text);
    thread = killer(process);
    printf(" %u", lh_wait_any((const lh_object *const *)objects, 2, WATCHDOG, &waited));
    printf(" %u at %u", waited.outcome, waited.index);
    printf(" %u", lh_broadcast_receive(end, text, sizeof text, NULL, 0));
    lh_object_close(objects[0]);
    lh_object_close(objects[1]);
    lh_broadcast_close(end);
    over(process, thread);
}

/* A receiver that was killed does not hold the sender back. */
static void subscriber_dies(void)
{
    lh_broadcast *end = NULL;
    HANDLE process, thread;
    uint32_t code;

    lh_broadcast_sender_create("LhKilled", NULL, &end);
    process = doomed("subscriber");
    while ((code = lh_broadcast_send(end, large, sizeof large, 0)) == 0)
        continue;
    thread = killer(process);
    printf(" %u", code);
    printf(" %u", lh_broadcast_send(end, large, sizeof large, WATCHDOG));
    lh_broadcast_close(end);
    over(process, thread);
}

static void writer_dies(void)
{
    lh_latest *end = NULL;
    HANDLE process, thread;
    char text[8] = "";

    lh_latest_reader_create("LhKilled", NULL, &end);
    process = doomed("writer");
    printf(" %u", lh_latest_next(end, text, sizeof text, NULL, NULL, 0));
    thread = killer(process);
    printf(" %u", lh_latest_next(end, text, sizeof text, NULL, NULL, WATCHDOG));
    printf(" %u", lh_latest_read(end, text, sizeof text, NULL, NULL));
    printf(" %s", text);
    lh_latest_close(end);
    over(process, thread);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child(argv[1]);
    snprintf(program, sizeof program, "%s", argv[0]);
    sender_dies();
    receiver_dies();
    server_dies();
    broadcaster_dies();
    subscriber_dies();
    writer_dies();
    return 0;
}
