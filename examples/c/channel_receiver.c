// Receives messages from a channel, and prints them, until nobody sends any more. The same on Linux and Windows.
#include <lasthandle.h>
#include <stdio.h>

static int failed(const char *what)
{
    printf("%s: %s\n", what, lh_error_message());
    return 1;
}

int main(void)
{
    lh_channel *end = NULL;
    lh_object *readable = NULL;
    lh_waited waited;
    const void *text;
    size_t length;
    uint64_t lost = 0;
    uint32_t code;

    if (lh_channel_receiver_create("Local\\SampleChannel", NULL, &end) != 0)
        return failed("cannot receive");
    printf("waiting\n");
    fflush(stdout);

    // One wait could be for other objects, too.
    if (lh_channel_readable(end, &readable) != 0 || lh_wait_any((const lh_object *const *)&readable, 1, LH_FOREVER, &waited) != 0)
        return failed("cannot wait");
    lh_object_close(readable);

    // Each message is read where it lies: nothing is copied.
    while ((code = lh_channel_peek(end, &text, &length, LH_FOREVER)) == 0)
    {
        printf("%.*s\n", (int)length, (const char *)text);
        lh_channel_release(end);
    }
    if (code != 109) // ERROR_BROKEN_PIPE
        return failed("cannot go on");
    lh_channel_lost(end, &lost);
    printf("the sender has gone; messages lost: %d\n", (int)lost);
    lh_channel_close(end);
    return 0;
}
