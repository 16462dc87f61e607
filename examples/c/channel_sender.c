// Sends its arguments to channel_receiver. With --die first, it ends in the middle of one more.
#include <lasthandle.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed(const char *what)
{
    printf("%s: %s\n", what, lh_error_message());
    return 1;
}

int main(int argc, char **argv)
{
    int die = argc > 1 && strcmp(argv[1], "--die") == 0, index;
    lh_channel *end = NULL;
    void *room = NULL;

    // It makes the channel, if the receiver has not come yet: messages are kept for it, as long as anybody has the channel.
    if (lh_channel_sender_create("Local\\SampleChannel", NULL, &end) != 0)
        return failed("cannot send");
    for (index = 1 + die; index < argc; index++)
        if (lh_channel_send(end, argv[index], strlen(argv[index]), LH_FOREVER) != 0)
            return failed("not sent");
    if (die)
    {
        // Written where it will lie; and not sent, so nothing of it is received.
        if (lh_channel_reserve(end, 1000, &room, LH_FOREVER) != 0)
            return failed("no room");
        memset(room, '?', 500);
        printf("gone\n");
        fflush(stdout);
        _Exit(2);
    }
    if (lh_channel_wait_received(end, LH_FOREVER) != 0)
        return failed("not received");
    printf("received\n");
    lh_channel_close(end);
    return 0;
}
