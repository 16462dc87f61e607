// boost.interprocess' message queue behind C functions, so that it is driven by the same loops as everybody. Each
// returns null or -1 when boost throws.
#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstddef>

using boost::interprocess::message_queue;

extern "C" void *queue_create(const char *name, std::size_t messages, std::size_t bytes)
{
    try {
        message_queue::remove(name);
        return new message_queue(boost::interprocess::create_only, name, messages, bytes);
    } catch (...) {
        return nullptr;
    }
}

extern "C" void *queue_open(const char *name)
{
    try {
        return new message_queue(boost::interprocess::open_only, name);
    } catch (...) {
        return nullptr;
    }
}

extern "C" int queue_send(void *queue, const void *message, std::size_t bytes)
{
    try {
        static_cast<message_queue *>(queue)->send(message, bytes, 0);
        return 0;
    } catch (...) {
        return -1;
    }
}

extern "C" int queue_receive(void *queue, void *message, std::size_t bytes)
{
    try {
        message_queue::size_type received;
        unsigned priority;
        static_cast<message_queue *>(queue)->receive(message, bytes, received, priority);
        return received == bytes ? 0 : -1;
    } catch (...) {
        return -1;
    }
}

// 1: there was one.
extern "C" int queue_try_receive(void *queue, void *message, std::size_t bytes)
{
    try {
        message_queue::size_type received;
        unsigned priority;
        if (!static_cast<message_queue *>(queue)->try_receive(message, bytes, received, priority))
            return 0;
        return received == bytes ? 1 : -1;
    } catch (...) {
        return -1;
    }
}

extern "C" void queue_close(void *queue)
{
    delete static_cast<message_queue *>(queue);
}

extern "C" void queue_remove(const char *name)
{
    message_queue::remove(name);
}
