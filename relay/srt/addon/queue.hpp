/** Slabs and events on their way from the I/O thread and libsrt's threads to the owner. No sockets, no N-API. */
#pragma once

#include "link.hpp"

namespace srtio {

constexpr int kSlabMessages = 64;        // 26 ms of 20 Mbit/s: a tick of one stream fits one slab
constexpr int kSlabData = kSlabMessages * kMaxMessage;
constexpr int kSlabDues = kSlabData;     // int64 due times follow the data, uint16 lengths follow the due times
constexpr int kSlabLengths = kSlabDues + kSlabMessages * 8;
constexpr int kSlabBytes = kSlabLengths + kSlabMessages * 2;
constexpr int kMaxRefusals = 64;         // waiting for the owner; more are only counted

/** The order is the wire format to socket.ts. */
enum class EventKind : int32_t { data, accepted, connected, closed, refused };

/**
 * data: a = bytes, b = messages in `slab`. accepted: a = listener. closed: a = Ending, b = libsrt's reject reason when
 * it never connected. refused: `socket` is the listener, a = Refusal.
 */
struct Event {
  EventKind kind;
  SRTSOCKET socket;
  int32_t a = 0;
  int32_t b = 0;
  int32_t slab = -1;
  Address peer{};
};

/** Its mutex is a leaf: libsrt's threads take it while they hold locks of their own, and nothing is called under it. */
class Queue {
 public:
  Queue(uint8_t* pool, int slabs, void (*notify)(void*), void* context)
      : pool_(pool), notify_(notify), context_(context) {
    for (int slab = slabs; slab-- > 0;) freeSlabs_.push_back(slab);
  }

  uint8_t* slab(int index) const { return pool_ + size_t(index) * kSlabBytes; }

  /** A slab to fill, or -1: the owner has them all. */
  int claim() {
    std::lock_guard lock(mutex_);
    if (freeSlabs_.empty()) return -1;
    const int slab = freeSlabs_.back();
    freeSlabs_.pop_back();
    return slab;
  }

  void release(int slab) {
    std::lock_guard lock(mutex_);
    freeSlabs_.push_back(slab);
  }

  /** Hands on the events of a round, which is then empty. */
  void post(std::vector<Event>& round) {
    if (round.empty()) return;
    bool wake;
    {
      std::lock_guard lock(mutex_);
      events_.insert(events_.end(), round.begin(), round.end());
      wake = !std::exchange(armed_, true);
    }
    round.clear();
    if (wake) notify_(context_);
  }

  /** False when too many refusals wait already: a flood of callers must not grow the queue. */
  bool refuse(const Event& event) {
    bool wake;
    {
      std::lock_guard lock(mutex_);
      if (refusalsWaiting_ == kMaxRefusals) return false;
      ++refusalsWaiting_;
      events_.push_back(event);
      wake = !std::exchange(armed_, true);
    }
    if (wake) notify_(context_);
    return true;
  }

  /** The events since the last call, in order. Each data event's slab must be given back with `release`. */
  void take(std::vector<Event>& events) {
    events.clear();
    std::lock_guard lock(mutex_);
    events.swap(events_);
    armed_ = false;
    refusalsWaiting_ = 0;
  }

 private:
  uint8_t* const pool_;
  void (*const notify_)(void*);
  void* const context_;

  std::mutex mutex_;
  std::vector<Event> events_;  // bounded: a data event holds a slab, a socket ends once, refusals have a limit
  std::vector<int> freeSlabs_;
  int refusalsWaiting_ = 0;
  bool armed_ = false;  // the owner was woken and has not come yet
};

}  // namespace srtio
