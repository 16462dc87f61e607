/* Named shared memory and sync objects with the Windows object model, on Linux and Windows.
 *
 * Generated from crates/lasthandle-ffi by cbindgen: change it there, then run the tests with UPDATE_HEADER=1.
 *
 * Every function that can fail returns 0, or the error code that Windows gives its call (2: not found, 5: access
 * denied, 6: wrong kind, 87: invalid parameter, ...); lh_error_message then says what failed, why, and what helps. What a
 * failed function should have written is not written.
 *
 * A pointer to an lh_ type comes from the function that makes one, and belongs to the caller until it is given to the
 * function that closes it, once. Null is refused with 6; any other pointer is not checked, but for lh_channel's. Every
 * function may be called from any thread, and several at once for the same object, but for closing it. A mutex belongs to
 * the thread that took it; an end of a channel is used by one thread at a time, and says 170 to a second.
 *
 * Names are UTF-8, end in NUL, and mean what they mean in Windows: Local\X, Global\X, or X, which is Local\X. Null in
 * place of a name makes an object without one. Times are in nanoseconds.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The right to ask what an object is.
#define LH_MAY_QUERY 1

// The right to signal: set, reset, release, arm. (A mutex is released without it.)
#define LH_MAY_SIGNAL 2

// The right to wait.
#define LH_MAY_WAIT 4

// All rights to an event, mutex, semaphore or timer.
#define LH_MAY_ALL 7

// The rights that the handle has of which a second one is made.
#define LH_SAME 4294967295

// A file mapping.
#define LH_MAPPING 1

// An event.
#define LH_EVENT 2

// A mutex.
#define LH_MUTEX 3

// A semaphore.
#define LH_SEMAPHORE 4

// A waitable timer.
#define LH_TIMER 5

// A receiving or reading end, as lh_channel_readable and its like make it. (Not in lists, where a channel is its mapping.)
#define LH_READABLE 6

// A sending end, as lh_channel_writable makes it.
#define LH_WRITABLE 7

// Anything else that has a name, or an object that could not be asked.
#define LH_OTHER 0

// Read.
#define LH_READ_ONLY 0

// Read and write what others see.
#define LH_READ_WRITE 1

// Read what others see; what is written stays private.
#define LH_COPY_ON_WRITE 2

// What a call of a channel returns when its time was up. That is no failure: lh_error_message stays as it is.
#define LH_TIME_IS_UP 258

// A timeout that never comes. Any other is in nanoseconds.
#define LH_FOREVER UINT64_MAX

// The object, or all of them, were signaled, and taken.
#define LH_SIGNALED 0

// The same, and one of them is a mutex whose owner ended without releasing it.
#define LH_ABANDONED 1

// The time was up; nothing was taken.
#define LH_TIMED_OUT 2

// An end of a broadcast. It is checked, and used by one thread at a time, as an lh_channel.
typedef struct lh_broadcast lh_broadcast;

// An end of a channel. Unlike other pointers this is checked: one that was closed, or is no end, is refused with 6. One
// thread at a time may send, and one receive; a second is refused with 170 and changes nothing.
typedef struct lh_channel lh_channel;

// Who writes a latest value, or reads it. It is checked, and used by one thread at a time, as an lh_channel.
typedef struct lh_latest lh_latest;

// A handle of a file mapping.
typedef struct lh_mapping lh_mapping;

// A handle of an event, mutex, semaphore or timer; or an end of a channel, broadcast or latest value to be waited for.
typedef struct lh_object lh_object;

// A view of a file mapping: memory.
typedef struct lh_view lh_view;

// How a broadcast is made, if there is none of the name yet; the type must be the same for all. All zeros are what null in
// place of it means.
typedef struct lh_broadcast_options {
  // Bytes of the log that keeps the last messages: as of a channel, see lh_channel_options. 0: 65,536.
  size_t capacity;
  // The longest message in bytes, less than 2 GiB; 0: 16,384, or the type's size.
  size_t max_message;
  // How many may receive at a time, at most 60; 0: 16.
  uint32_t receivers;
  // The type of all messages: as of a channel, see lh_channel_options.
  uint32_t type_alignment;
  // See above.
  size_t type_size;
  // A name for the type, in UTF-8; null: none.
  const char *type_name;
  // The sender never waits: it overwrites the oldest messages, and who is slow misses them. Otherwise the slowest living
  // receiver holds it back.
  bool lossy;
  // Of this receiver, whoever made the broadcast: it begins with the oldest message that is kept. Otherwise with the
  // first that is sent after it came.
  bool from_oldest;
} lh_broadcast_options;

// How a channel is made, if there is none of the name yet; the type must be the same for all. All zeros are what null in
// place of it means.
typedef struct lh_channel_options {
  // Bytes for messages on their way, of each sender: rounded up to a power of two, to 4096, and to what two of the
  // longest messages take. A message takes 64 bytes, or if it has more than 56, its length rounded up to a multiple of
  // 64 and 64 more. 0: 65,536.
  size_t capacity;
  // The longest message in bytes, less than 2 GiB; 0: 16,384, or the type's size.
  size_t max_message;
  // How many may send at a time, at most 60; 0: one. Two-way channels have none to choose.
  uint32_t senders;
  // The type of all messages: sizeof, and _Alignof, a power of two. 0: bytes of any number. A C program's 8 and 8 meet
  // a Rust program's `Receiver<u64>`.
  uint32_t type_alignment;
  // See above.
  size_t type_size;
  // A name for the type, in UTF-8, to tell apart types of the same size and versions of one; null: none.
  const char *type_name;
} lh_channel_options;

// How a latest value is made, if there is none of the name yet; the type must be the same for all. All zeros are what null
// in place of it means.
typedef struct lh_latest_options {
  // The longest value in bytes, less than 2 GiB; 0: 16,384, or the type's size.
  size_t max_value;
  // How many readers may wait at a time, at most 60; 0: 16. Any number may read.
  uint32_t waiting_readers;
  // The type of all values: as of a channel, see lh_channel_options.
  uint32_t type_alignment;
  // See above.
  size_t type_size;
  // A name for the type, in UTF-8; null: none.
  const char *type_name;
} lh_latest_options;

// One object that exists.
typedef struct lh_entry {
  // Its name with its prefix, in UTF-8; valid during the visit.
  const char *name;
  // LH_MAPPING, LH_EVENT, ...
  uint32_t kind;
  // How many hold it: processes on Linux, handles on Windows; 0 where the system does not tell.
  uint32_t holders;
  // A mapping's bytes.
  uint64_t size;
} lh_entry;

// A message to be sent.
typedef struct lh_bytes {
  // Its first byte; may be null if the length is 0.
  const void *start;
  // How many bytes.
  size_t length;
} lh_bytes;

// How a wait ended.
typedef struct lh_waited {
  // LH_SIGNALED, LH_ABANDONED or LH_TIMED_OUT.
  uint32_t outcome;
  // Which object it was, in a wait for any of several; else 0.
  uint32_t index;
} lh_waited;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What went wrong in the last `lh_` function of this thread that failed, as a sentence in UTF-8; null if none did. Valid
// until the next one fails.
const char *lh_error_message(void);

// Takes the sending end of the broadcast of that name, which is made if there is none. There is one at a time: 231, if a
// living process has it. Leave it with lh_broadcast_close; the end of the process leaves it, too, however it ends, and all
// receivers learn of it at once. 1629: it carries another type, or is of another shape; 6: another object has the name, or a
// mapping in which there is no broadcast; 87: the options make no sense.
uint32_t lh_broadcast_sender_create(const char *name,
                                    const struct lh_broadcast_options *options,
                                    struct lh_broadcast **end);

// The same, where the broadcast must be there: 2 if nothing has the name.
uint32_t lh_broadcast_sender_open(const char *name,
                                  const struct lh_broadcast_options *options,
                                  struct lh_broadcast **end);

// Takes a receiving end of the broadcast of that name, which is made if there is none. 231: as many living receivers as it
// is for have it. Otherwise as lh_broadcast_sender_create. Who has left, or was killed, holds nobody back.
uint32_t lh_broadcast_receiver_create(const char *name,
                                      const struct lh_broadcast_options *options,
                                      struct lh_broadcast **end);

// The same, where the broadcast must be there: 2 if nothing has the name.
uint32_t lh_broadcast_receiver_open(const char *name,
                                    const struct lh_broadcast_options *options,
                                    struct lh_broadcast **end);

// Leaves an end: the others learn of it at once. Null: nothing happens. 6: it was closed before; 170: another thread is
// using it, and it stays open.
uint32_t lh_broadcast_close(struct lh_broadcast *end);

// Sends a message to all receivers, copied; waits for room for so many nanoseconds (LH_FOREVER: as long as it takes; 0: not
// at all). A lossy broadcast has always room, and so has one that nobody receives. LH_TIME_IS_UP: nothing was sent. 24: the
// message is longer than the broadcast takes, or not of its type's size; 6: the end only receives; 170: another thread is
// sending there; 1392: a hostile peer spoiled the broadcast's memory.
uint32_t lh_broadcast_send(struct lh_broadcast *end,
                           const void *message,
                           size_t length,
                           uint64_t timeout);

// Receives a message, copied to `into`; waits for it for so many nanoseconds. `length`, which may be null, becomes its
// bytes. 234: it has more than `capacity`; `length` says how many, and it stays the next one, unless a lossy sender
// overwrites it. LH_TIME_IS_UP: there was none. 109: the sender has gone, and all that it sent was received; another that
// comes makes it good again. 6: the end only sends; 170: another thread is receiving there; 1392: a hostile peer spoiled
// the broadcast's memory.
uint32_t lh_broadcast_receive(struct lh_broadcast *end,
                              void *into,
                              size_t capacity,
                              size_t *length,
                              uint64_t timeout);

// The longest message in bytes that the end sends. 6: it only receives.
uint32_t lh_broadcast_max_message(struct lh_broadcast *end, size_t *bytes);

// How many messages were sent so far, by all senders since the broadcast was made. 6: the end only receives.
uint32_t lh_broadcast_sent(struct lh_broadcast *end,
                           uint64_t *count);

// How many receive now. 6: the end only receives.
uint32_t lh_broadcast_receivers(struct lh_broadcast *end, size_t *count);

// How many messages of a lossy broadcast this receiver has missed since it came: they lay before the one that it received
// last. 6: the end only sends.
uint32_t lh_broadcast_missed(struct lh_broadcast *end,
                             uint64_t *count);

// How many messages were being written by senders that were killed meanwhile, since the broadcast was made: such a message
// is never delivered. 6: the end only sends.
uint32_t lh_broadcast_lost(struct lh_broadcast *end,
                           uint64_t *count);

// Makes an object to wait for, as lh_channel_readable: signaled while there is a message, and when the sender has gone. It
// counts as two of the 64 objects of a wait. 6: the end only sends.
uint32_t lh_broadcast_readable(struct lh_broadcast *end,
                               struct lh_object **readable);

// Takes a sending end of the channel of that name, which is made if there is none. Leave it with lh_channel_close; the
// end of the process leaves it, too, however it ends, and the receiver learns of it at once. 231: as many living senders
// as it is for have it; 1629: it carries another type, or is of another shape; 6: another object has the name, or a
// mapping in which there is no channel; 87: the options make no sense.
//
// Messages are kept for a receiver that has not come yet, and what is left when one goes is for its successor.
uint32_t lh_channel_sender_create(const char *name,
                                  const struct lh_channel_options *options,
                                  struct lh_channel **end);

// The same, where the channel must be there: 2 if nothing has the name.
uint32_t lh_channel_sender_open(const char *name,
                                const struct lh_channel_options *options,
                                struct lh_channel **end);

// Takes the receiving end of the channel of that name, which is made if there is none. There is one at a time: 231, if a
// living process has it. Otherwise as lh_channel_sender_create.
uint32_t lh_channel_receiver_create(const char *name,
                                    const struct lh_channel_options *options,
                                    struct lh_channel **end);

// The same, where the channel must be there: 2 if nothing has the name.
uint32_t lh_channel_receiver_open(const char *name,
                                  const struct lh_channel_options *options,
                                  struct lh_channel **end);

// Takes an end of the two-way channel of that name, which is made if there is none: it sends to the other end and receives
// from it, and one thread may do the one while another does the other. 231: two living processes have it. Otherwise as
// lh_channel_sender_create.
uint32_t lh_duplex_create(const char *name,
                          const struct lh_channel_options *options,
                          struct lh_channel **end);

// The same, where the channel must be there: 2 if nothing has the name.
uint32_t lh_duplex_open(const char *name,
                        const struct lh_channel_options *options,
                        struct lh_channel **end);

// Leaves an end: the other side learns of it at once. What was reserved there is not sent, and what was peeked at is
// received. Null: nothing happens. 6: it was closed before; 170: another thread is using it, and it stays open.
uint32_t lh_channel_close(struct lh_channel *end);

// The longest message in bytes that the end sends. 6: it only receives.
uint32_t lh_channel_max_message(struct lh_channel *end, size_t *bytes);

// How many messages were being written by senders that were killed meanwhile, since the channel was made: such a message
// is never delivered. 6: the end only sends.
uint32_t lh_channel_lost(struct lh_channel *end,
                         uint64_t *count);

// Makes an object to wait for (lh_wait, lh_wait_any; not lh_wait_all, lh_signal_and_wait): signaled while the receiving
// end has a message, and when all its senders have gone. Waiting takes nothing: receive afterwards. Close it with
// lh_object_close; when the end was closed waiting for it is 6. 6: the end only sends.
//
// It counts as two of the 64 objects of a wait, and one more for each further sender. During the wait no other thread may
// receive: 170; and so the wait itself, while a message is peeked at.
uint32_t lh_channel_readable(struct lh_channel *end,
                             struct lh_object **readable);

// The same for a sending end: signaled while there is room for the longest message, and when the receiver has gone. 6: the
// end only receives.
uint32_t lh_channel_writable(struct lh_channel *end,
                             struct lh_object **writable);

// Waits for so many nanoseconds until the receiver has received everything that was sent; for one that has not come yet,
// too. A channel goes with its last end, and what was not received goes with it: a program that sends and ends waits here
// first. LH_TIME_IS_UP: it has not. 109: the receiver has gone, and left something for the next one; 6: the end only
// receives; 170: another thread is sending there, or room is reserved; 1392: a hostile peer spoiled the channel's memory.
uint32_t lh_channel_wait_received(struct lh_channel *end,
                                  uint64_t timeout);

// Waits for so many nanoseconds until there is a receiver: after 109, another one. LH_TIME_IS_UP: none came. 6: the end
// only receives; 170: another thread is sending there, or room is reserved.
uint32_t lh_channel_wait_receiver(struct lh_channel *end,
                                  uint64_t timeout);

// Waits for so many nanoseconds until there is a sender, or a message that one left: for who goes on after 109.
// LH_TIME_IS_UP: none came. 6: the end only sends; 170: another thread is receiving there, or a message is peeked at.
uint32_t lh_channel_wait_sender(struct lh_channel *end,
                                uint64_t timeout);

// Waits for so many nanoseconds until there is a sender, or a message that one left: for who goes on after 109.
// LH_TIME_IS_UP: none came. 6: the end only sends; 170: another thread is receiving there.
uint32_t lh_broadcast_wait_sender(struct lh_broadcast *end,
                                  uint64_t timeout);

// Waits for so many nanoseconds until there is a writer, or a value newer than the one read last: for who goes on after
// 109. LH_TIME_IS_UP: neither. 6: the end only writes; 170: another thread is reading there; 231: all places to wait are
// taken.
uint32_t lh_latest_wait_writer(struct lh_latest *end,
                               uint64_t timeout);

// Opens the object of that kind (LH_EVENT, LH_MUTEX, LH_SEMAPHORE or LH_TIMER) that has the name, with some rights:
// LH_MAY_WAIT, say, for who only waits. Close it with lh_object_close. 2: nothing has the name; 6: an object of
// another kind has it; 5: not permitted, or no right was asked for; 87: no such kind or right.
//
// Calls without the right fail with 5.
uint32_t lh_object_open(const char *name,
                        uint32_t kind,
                        uint32_t rights,
                        struct lh_object **opened);

// LH_EVENT, LH_MUTEX, LH_SEMAPHORE or LH_TIMER; LH_READABLE or LH_WRITABLE for an end of a channel, broadcast or latest value; 0 for
// null.
uint32_t lh_object_kind(const struct lh_object *any);

// Makes a second handle of the same object, with the same rights (LH_SAME) or fewer, to be closed by itself. The object
// and its name live until the last handle is closed, however the processes that have them end. `inheritable`: whether
// children of this process get it, see lh_object_inherit_value. 5: more rights than the handle has.
uint32_t lh_object_duplicate(const struct lh_object *of,
                             uint32_t rights,
                             bool inheritable,
                             struct lh_object **duplicate);

// Makes a second handle of the same mapping, to be closed by itself; `read_only`: one that maps no view that writes
// through. Otherwise as lh_object_duplicate.
uint32_t lh_mapping_duplicate(const struct lh_mapping *of,
                              bool read_only,
                              bool inheritable,
                              struct lh_mapping **duplicate);

// The number under which a child finds an inheritable handle: to be told to it on its command line, say. Every child that
// is started while the handle is open gets it, and keeps the object alive until it ends or closes it. 6: it is not
// inheritable.
uint32_t lh_object_inherit_value(const struct lh_object *of,
                                 uint64_t *value);

// The same for a mapping.
uint32_t lh_mapping_inherit_value(const struct lh_mapping *of, uint64_t *value);

// In a child: takes over an object of that kind that its parent made inheritable, by the number that the parent was told.
// Each number once: the object is this handle's from here on, and is not inheritable any more. 6: no handle of an object
// of that kind.
uint32_t lh_object_from_inherited(uint64_t value,
                                  uint32_t kind,
                                  struct lh_object **taken);

// The same for a mapping.
uint32_t lh_mapping_from_inherited(uint64_t value, struct lh_mapping **taken);

// Reserves room for a message of up to `length` bytes, to be written where it will lie; waits for it for so many
// nanoseconds. `message` becomes its first byte: a multiple of 8, and of 64 if `length` is more than 56; the bytes are what
// an earlier message left. It is the caller's until lh_channel_commit, lh_channel_abandon or lh_channel_close. Till then
// nothing else is sent at this end: 170. A process that is killed meanwhile sends nothing of it, and the receiver counts a
// lost message. LH_TIME_IS_UP and errors as from lh_channel_send.
uint32_t lh_channel_reserve(struct lh_channel *end,
                            size_t length,
                            void **message,
                            uint64_t timeout);

// Sends the first `length` bytes of what was reserved. 24: that is more than was reserved, or not the type's size; then it
// stays reserved. 87: nothing is reserved.
uint32_t lh_channel_commit(struct lh_channel *end,
                           size_t length);

// Gives what was reserved back; nothing is sent. 87: nothing is reserved.
uint32_t lh_channel_abandon(struct lh_channel *end);

// Lends the next message, to be read where it lies; waits for it for so many nanoseconds. `message` becomes its first byte,
// a multiple of 8, and of 64 if it has more than 56 bytes; `length` their number. It may be read until lh_channel_release
// or lh_channel_close, and till then nothing else is received at this end: 170. Nothing but good manners keeps its sender
// from writing to it: copy what is checked before it is used. LH_TIME_IS_UP and errors as from lh_channel_receive.
uint32_t lh_channel_peek(struct lh_channel *end,
                         const void **message,
                         size_t *length,
                         uint64_t timeout);

// The message that was peeked at was received: its room is the sender's again, and its bytes must not be read any more. 87:
// no message is peeked at.
uint32_t lh_channel_release(struct lh_channel *end);

// Opens the latest value of that name to write it; it is made if there is none. One writes at a time: 231, if a living
// process does. Leave it with lh_latest_close; the end of the process leaves it, too, however it ends, and who waits for a
// value learns of it at once. A process that is killed while it writes leaves the value before. 1629: it is of another type,
// or of another shape; 6: another object has the name, or a mapping in which there is no latest value; 87: the options make
// no sense.
uint32_t lh_latest_writer_create(const char *name,
                                 const struct lh_latest_options *options,
                                 struct lh_latest **end);

// The same, where the value must be there: 2 if nothing has the name.
uint32_t lh_latest_writer_open(const char *name,
                               const struct lh_latest_options *options,
                               struct lh_latest **end);

// Opens the latest value of that name to read it; it is made if there is none. Any number may read. Otherwise as
// lh_latest_writer_create.
uint32_t lh_latest_reader_create(const char *name,
                                 const struct lh_latest_options *options,
                                 struct lh_latest **end);

// The same, where the value must be there: 2 if nothing has the name.
uint32_t lh_latest_reader_open(const char *name,
                               const struct lh_latest_options *options,
                               struct lh_latest **end);

// Stops writing, or reading. The value stays as long as anybody has it open. Null: nothing happens. 6: it was closed
// before; 170: another thread is using it, and it stays open.
uint32_t lh_latest_close(struct lh_latest *end);

// Replaces the value; never waits. `version`, which may be null, becomes its version: how many values were written, by all
// writers. 24: the value is longer than is taken, or not of its type's size; 6: the end only reads; 170: another thread is
// writing there.
uint32_t lh_latest_write(struct lh_latest *end,
                         const void *value,
                         size_t length,
                         uint64_t *version);

// Copies the current value to `into`, whole, whether it was read before or not; waits for nobody. `length` and `version`,
// which may be null, become its bytes and its version. LH_TIME_IS_UP: nothing was written yet. 234: it has more bytes than
// `capacity`; `length` says how many. 6: the end only writes; 170: another thread is reading there, or the value is replaced
// faster than it can be copied; 1392: a hostile peer spoiled the value's memory.
uint32_t lh_latest_read(struct lh_latest *end,
                        void *into,
                        size_t capacity,
                        size_t *length,
                        uint64_t *version);

// The same for the next value that is newer than the one that was read last at this end; waits for it for so many
// nanoseconds. Values in between may have been replaced: the version tells. LH_TIME_IS_UP: there was none. 109: the writer
// has gone, and there is nothing new; another that comes makes it good again. 231: it must wait, and as many readers as may
// do so.
uint32_t lh_latest_next(struct lh_latest *end,
                        void *into,
                        size_t capacity,
                        size_t *length,
                        uint64_t *version,
                        uint64_t timeout);

// The version of the newest value; 0: nothing was written yet. For both ends.
uint32_t lh_latest_version(struct lh_latest *end, uint64_t *version);

// The longest value in bytes that the end writes. 6: it only reads.
uint32_t lh_latest_max_value(struct lh_latest *end, size_t *bytes);

// Makes an object to wait for, as lh_channel_readable: signaled while there is a newer value than the one that was read
// last at this end, and when the writer has gone. It counts as two of the 64 objects of a wait. 6: the end only writes; 231:
// as many readers wait as may.
uint32_t lh_latest_readable(struct lh_latest *end,
                            struct lh_object **readable);

// Calls `visit` with each object that this user may see, and `context`, until it says false.
uint32_t lh_list(bool (*visit)(const struct lh_entry *entry, void *context), void *context);

// Creates a mapping of `size` bytes of memory that views can read and write, or opens the one that has the name, as it
// is. `existed`, which may be null, says which. Close it with lh_mapping_close.
//
// Memory is zeroed, and promised: running out is error 1455 here, never a fault later.
uint32_t lh_mapping_create(const char *name,
                           uint64_t size,
                           struct lh_mapping **mapping,
                           bool *existed);

// Creates a mapping over the file with that path (UTF-8, ending in NUL), which must exist, or opens the one that has the
// name. `size` in bytes; 0: the file's. With LH_READ_WRITE a file that is shorter grows, and what views write gets
// there, at the latest when all of them are unmapped and the system pleases, or by lh_view_flush; it stays when the
// processes have ended. With LH_READ_ONLY or LH_COPY_ON_WRITE the file needs only be readable, and never changes. 2: no
// such file; 1006: it is empty, and the size 0; 8: it is shorter, and may not grow.
uint32_t lh_mapping_create_over(const char *name,
                                const char *path,
                                uint64_t size,
                                uint32_t access,
                                struct lh_mapping **mapping,
                                bool *existed);

// Reserves `size` bytes of which no memory is promised before lh_view_commit: for sizes of which a part will be used.
// Otherwise as lh_mapping_create.
uint32_t lh_mapping_reserve(const char *name,
                            uint64_t size,
                            struct lh_mapping **mapping,
                            bool *existed);

// Opens the mapping that has the name: to read (LH_READ_ONLY, LH_COPY_ON_WRITE) or to write, too. Close it with
// lh_mapping_close.
uint32_t lh_mapping_open(const char *name,
                         uint32_t access,
                         struct lh_mapping **mapping);

// The size in bytes, as it was created (on Windows, of memory: rounded up to pages); 0 for null.
uint64_t lh_mapping_size(const struct lh_mapping *mapping);

// Closes a handle. The name lives until the last handle of all processes is closed; views keep the memory. Null:
// nothing happens.
void lh_mapping_close(struct lh_mapping *mapping);

// Maps `length` bytes (0: to the end) from `offset` on, which needs no alignment. Unmap it with lh_view_unmap.
uint32_t lh_view_map(const struct lh_mapping *mapping,
                     uint32_t access,
                     uint64_t offset,
                     uint64_t length,
                     struct lh_view **view);

// The first byte of a view; null for null. Others may write there at any time; writing to a read-only view faults.
void *lh_view_address(const struct lh_view *view);

// The length of a view in bytes; 0 for null.
size_t lh_view_length(const struct lh_view *view);

// Writes changed bytes to the file behind the mapping, if there is one, and waits until they are there. Others see them
// without that.
uint32_t lh_view_flush(const struct lh_view *view,
                       size_t offset,
                       size_t length);

// Promises memory for `length` bytes of a view of a reserved mapping, from `offset` on, rounded up to pages: for all
// views, of all processes. There is no way back. 1455: there is not so much.
uint32_t lh_view_commit(const struct lh_view *view,
                        size_t offset,
                        size_t length);

// Unmaps a view: its addresses must not be used any more. Null: nothing happens.
void lh_view_unmap(struct lh_view *view);

// Sends a message, copied; waits for room for so many nanoseconds (LH_FOREVER: as long as it takes; 0: not at all).
// LH_TIME_IS_UP: nothing was sent. 109: the receiver has gone, and nothing was sent; 24: the message is longer than the
// channel takes, or not of its type's size; 6: the end only receives; 170: another thread is sending there, or room is
// reserved; 1392: a hostile peer spoiled the channel's memory.
uint32_t lh_channel_send(struct lh_channel *end,
                         const void *message,
                         size_t length,
                         uint64_t timeout);

// Sends several messages, which are shown to the receiver together as far as there is room for them together. `sent`,
// which may be null, becomes how many were sent, whatever is returned: LH_TIME_IS_UP if not all, or an error as from
// lh_channel_send, of the first that was not.
uint32_t lh_channel_send_batch(struct lh_channel *end,
                               const struct lh_bytes *messages,
                               size_t count,
                               uint64_t timeout,
                               size_t *sent);

// Receives a message, copied to `into`; waits for it for so many nanoseconds. `length`, which may be null, becomes its
// bytes. 234: it has more than `capacity`; `length` says how many, and it stays the next one, with what it needs to be
// received. LH_TIME_IS_UP: there was none. 109: all senders have gone, and all that they sent was received; another that
// comes makes it good again. 6: the end only sends; 170: another thread is receiving there, or a message is peeked at;
// 1392: a hostile peer spoiled the channel's memory.
uint32_t lh_channel_receive(struct lh_channel *end,
                            void *into,
                            size_t capacity,
                            size_t *length,
                            uint64_t timeout);

// Receives up to `most` messages: waits for the first, and takes what is there with it. Message i lies at `into` + i *
// `stride`, and has `lengths`[i] bytes (`lengths` may be null). `count` becomes how many they are, whatever is returned: 0
// if there is at least one, also if a later one has more than `stride` bytes, and so stays the next one; else as
// lh_channel_receive.
uint32_t lh_channel_receive_batch(struct lh_channel *end,
                                  void *into,
                                  size_t stride,
                                  size_t *lengths,
                                  size_t most,
                                  size_t *count,
                                  uint64_t timeout);

// Sends a request at a two-way end and receives the reply, the next message from the other side: each waits for so many
// nanoseconds. LH_TIME_IS_UP: if the request was sent, the reply is the next message yet; who goes on after that must tell
// replies apart. 109: the other side went before it replied. 234: the reply is too long for `capacity`, and to be received
// by lh_channel_receive. Otherwise as lh_channel_send and lh_channel_receive.
//
// The other side answers by lh_channel_receive and lh_channel_send.
uint32_t lh_duplex_call(struct lh_channel *end,
                        const void *request,
                        size_t request_length,
                        void *reply,
                        size_t capacity,
                        size_t *reply_length,
                        uint64_t timeout);

// Whether a name keeps the rules, without looking whether anything has it. 0, or what creating and opening say: 6 for
// the empty name, 161 for a leading backslash, 3 for an unknown prefix or a further backslash, 123 for a prefix alone, or
// for more than 32,766 UTF-16 units or no UTF-8; 87 for null.
uint32_t lh_name_check(const char *name);

// Writes a name with its prefix, Local\\ or Global\\, and a NUL: two names mean the same if, and only if, this is the
// same. `length`, which may be null, becomes the bytes of the text without the NUL, also where `capacity`, the bytes of
// `text`, is too small: then the code is 122, and nothing is written to `text`, which may be null.
uint32_t lh_name_format(const char *name,
                        char *text,
                        size_t capacity,
                        size_t *length);

// Writes the name of an event, mutex, semaphore or timer as lh_name_format does; empty if it has none, or came from
// another process.
uint32_t lh_object_name(const struct lh_object *of,
                        char *text,
                        size_t capacity,
                        size_t *length);

// The same for a mapping.
uint32_t lh_mapping_name(const struct lh_mapping *of, char *text, size_t capacity, size_t *length);

// Creates an event, or opens the one that has the name, as it is; `existed`, which may be null, says which. A
// `manual_reset` event stays set until it is reset; any other lets one waiter go for each set. Close it with
// lh_object_close, as all objects.
uint32_t lh_event_create(const char *name,
                         bool manual_reset,
                         bool signaled,
                         struct lh_object **event,
                         bool *existed);

// Opens the event that has the name.
uint32_t lh_event_open(const char *name, struct lh_object **event);

// Sets an event: lets one waiter go, or all if it is a manual-reset one.
uint32_t lh_event_set(const struct lh_object *event);

// Resets an event.
uint32_t lh_event_reset(const struct lh_object *event);

// Lets those go who wait at this moment, and leaves the event unset.
uint32_t lh_event_pulse(const struct lh_object *event);

// Creates a mutex, which the calling thread owns from the start if `owned`; or opens the one that has the name, which
// is not taken then. When its owner ends without releasing it, the next who waits for it gets it, and is told so.
uint32_t lh_mutex_create(const char *name,
                         bool owned,
                         struct lh_object **mutex,
                         bool *existed);

// Opens the mutex that has the name.
uint32_t lh_mutex_open(const char *name, struct lh_object **mutex);

// Releases a mutex once; 288 if the calling thread does not own it.
uint32_t lh_mutex_release(const struct lh_object *mutex);

// Creates a semaphore with that count, from 0 to `maximum`, which is at least 1; or opens the one that has the name.
uint32_t lh_semaphore_create(const char *name,
                             int32_t initial,
                             int32_t maximum,
                             struct lh_object **semaphore,
                             bool *existed);

// Opens the semaphore that has the name.
uint32_t lh_semaphore_open(const char *name, struct lh_object **semaphore);

// Adds to a semaphore's count; 298 past its maximum, and then nothing changes. `previous`, which may be null: the count
// before.
uint32_t lh_semaphore_release(const struct lh_object *semaphore,
                              int32_t count,
                              uint32_t *previous);

// Creates a timer, not armed, or opens the one that has the name. A `manual_reset` timer stays signaled until it is armed
// anew; any other lets one waiter go each time it is due.
uint32_t lh_timer_create(const char *name,
                         bool manual_reset,
                         struct lh_object **timer,
                         bool *existed);

// Opens the timer that has the name.
uint32_t lh_timer_open(const char *name, struct lh_object **timer);

// Arms a timer: due that many nanoseconds from now, and then every `period` nanoseconds (0: once; on Windows rounded
// up to milliseconds).
uint32_t lh_timer_arm(const struct lh_object *timer,
                      uint64_t after,
                      uint64_t period);

// Arms a timer: due at that time of the wall clock, in nanoseconds since 1970.
uint32_t lh_timer_arm_at(const struct lh_object *timer, uint64_t time, uint64_t period);

// Stops a timer; whether it is signaled stays as it is.
uint32_t lh_timer_cancel(const struct lh_object *timer);

// Closes a handle of an event, mutex, semaphore or timer, or what lh_channel_readable or lh_channel_writable made. Null:
// nothing happens.
void lh_object_close(struct lh_object *object);

// Waits for an object, and takes it: resets an auto-reset event or timer, takes one of a semaphore, owns a mutex. Of an end
// of a channel nothing is taken.
uint32_t lh_wait(const struct lh_object *waited_for,
                 uint64_t timeout,
                 struct lh_waited *waited);

// Waits for any of at most 64 objects, and takes the first that is signaled, in their order. An end of a channel counts as
// two, see lh_channel_readable.
uint32_t lh_wait_any(const struct lh_object *const *objects,
                     size_t count,
                     uint64_t timeout,
                     struct lh_waited *waited);

// Waits until all of at most 64 objects are signaled at one instant, and takes them all. 87: an end of a channel is among
// them.
uint32_t lh_wait_all(const struct lh_object *const *objects,
                     size_t count,
                     uint64_t timeout,
                     struct lh_waited *waited);

// Signals one object (sets an event, releases a mutex or one of a semaphore), then waits for another. If the signal
// fails, nothing is waited for.
uint32_t lh_signal_and_wait(const struct lh_object *signal,
                            const struct lh_object *waited_for,
                            uint64_t timeout,
                            struct lh_waited *waited);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
