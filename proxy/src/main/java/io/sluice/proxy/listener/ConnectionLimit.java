package io.sluice.proxy.listener;

import io.sluice.proxy.forward.DownstreamPeer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts the open connections of all event loops, and those of each client if there is a limit for one. Thread-safe. */
final class ConnectionLimit {
    private final int max;
    private final int maxPerClient;
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder refusedToClient = new LongAdder();
    private final ConcurrentMap<String, Integer> byClient = new ConcurrentHashMap<>();

    /** @param maxPerClient 0 for any number */
    ConnectionLimit(int max, int maxPerClient) {
        this.max = max;
        this.maxPerClient = maxPerClient;
    }

    /** Returns whether there may be one more; if so, it has to be {@link #closed}. */
    boolean tryOpen(DownstreamPeer peer) {
        boolean room = open.incrementAndGet() <= max;
        if (room && tryOpenClient(peer)) {
            accepted.increment();
            return true;
        }
        open.decrementAndGet();
        (room ? refusedToClient : refused).increment();
        return false;
    }

    /**
     * Counts an open connection for the client that it turned out to be of.
     *
     * @return whether that one may have one more; if not, the connection counts as before
     */
    boolean tryMove(DownstreamPeer from, DownstreamPeer to) {
        if (!tryOpenClient(to)) {
            refusedToClient.increment();
            return false;
        }
        if (!isUnlimited(from)) {
            closeClient(from);
        }
        return true;
    }

    private boolean tryOpenClient(DownstreamPeer peer) {
        if (isUnlimited(peer)) {
            return true;
        }
        int now = byClient.merge(peer.address(), 1, Integer::sum);
        if (now > maxPerClient) {
            closeClient(peer);
        }
        return now <= maxPerClient;
    }

    /** A trusted peer brings the requests of many clients. */
    private boolean isUnlimited(DownstreamPeer peer) {
        return maxPerClient == 0 || peer.trusted();
    }

    private void closeClient(DownstreamPeer peer) {
        byClient.computeIfPresent(peer.address(), (address, count) -> count == 1 ? null : count - 1);
    }

    void closed(DownstreamPeer peer) {
        if (!isUnlimited(peer)) {
            closeClient(peer);
        }
        open.decrementAndGet();
    }

    int open() {
        return open.get();
    }

    ConnectionCounts counts() {
        return new ConnectionCounts(open.get(), accepted.sum(), refused.sum(), refusedToClient.sum());
    }
}
