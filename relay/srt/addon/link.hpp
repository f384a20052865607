/** Opening libsrt sockets: the settings of a link, applied and bound. Everything here runs on the caller's thread. */
#pragma once

#include <cerrno>
#include <chrono>

#include "gate.hpp"

namespace srtio {

constexpr int kMaxMessage = 1456;        // bytes: 1500 - IPv4, UDP and SRT headers, the largest live payload
constexpr int kPacketMemory = 1472;      // bytes of SRTO_RCVBUF/SNDBUF that hold one packet: SRTO_MSS - 28

/** What both ends of a link are told. `bufferPackets` sizes SRTO_FC, SRTO_RCVBUF and SRTO_SNDBUF. */
struct LinkSettings {
  int latencyMs, connectTimeoutMs, idleTimeoutMs, bufferPackets, reorderTolerance, keyBytes;
  std::string passphrase, streamId;
};

inline int64_t nowUs() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] inline void failWithLast(const std::string& what) {
  int system = 0;
  const int error = srt_getlasterror(&system);
  const bool taken = system == EADDRINUSE || error == SRT_EDUPLISTEN || error == SRT_EBINDCONFLICT;
  throw Failure(taken ? "SRT_PORT_IN_USE" : "SRT_FAILED",
                what + ": " + (taken ? "the port is in use" : srt_getlasterror_str()));
}

[[noreturn]] inline void failWithOption(SRT_SOCKOPT option) {
  throw Failure("SRT_BAD_OPTION", "libsrt refuses the value of option " + std::to_string(option));
}

inline void set(SRTSOCKET socket, SRT_SOCKOPT option, int value) {
  if (srt_setsockflag(socket, option, &value, sizeof value) < 0) failWithOption(option);
}

inline void set(SRTSOCKET socket, SRT_SOCKOPT option, const std::string& value) {
  if (value.empty()) return;
  if (srt_setsockflag(socket, option, value.data(), int(value.size())) < 0) failWithOption(option);
}

inline void configure(SRTSOCKET socket, const LinkSettings& link) {
  set(socket, SRTO_RCVSYN, 0);
  set(socket, SRTO_SNDSYN, 0);
  set(socket, SRTO_PAYLOADSIZE, kMaxMessage);
  set(socket, SRTO_LATENCY, link.latencyMs);
  set(socket, SRTO_CONNTIMEO, link.connectTimeoutMs);
  set(socket, SRTO_PEERIDLETIMEO, link.idleTimeoutMs);
  set(socket, SRTO_LOSSMAXTTL, link.reorderTolerance);
  set(socket, SRTO_FC, link.bufferPackets);  // before RCVBUF, which may not exceed it
  set(socket, SRTO_RCVBUF, link.bufferPackets * kPacketMemory);
  set(socket, SRTO_SNDBUF, link.bufferPackets * kPacketMemory);
  if (link.passphrase.empty()) return;
  set(socket, SRTO_PASSPHRASE, link.passphrase);
  set(socket, SRTO_PBKEYLEN, link.keyBytes);
}

inline SRTSOCKET create(const LinkSettings& link) {
  const SRTSOCKET socket = srt_create_socket();
  if (socket == SRT_INVALID_SOCK) failWithLast("cannot open a socket");
  try {
    configure(socket, link);
  } catch (...) {
    srt_close(socket);
    throw;
  }
  return socket;
}

inline void bind(SRTSOCKET socket, const Address& local) {
  sockaddr_storage at;
  const int length = local.store(at);
  if (srt_bind(socket, reinterpret_cast<sockaddr*>(&at), length) < 0)
    failWithLast("cannot bind " + local.text() + " port " + std::to_string(local.port));
}

}  // namespace srtio
