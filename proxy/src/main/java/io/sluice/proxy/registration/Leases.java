package io.sluice.proxy.registration;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Until when the registered backends of one pool may go without a heartbeat, and what happens then. A lease that has run out is looked at a third of its time
 * later: by then those of all who were cut off at the same moment have run out too, and can be told from the one that died. A backend without a lease, as after
 * a restart, gets a whole one. Thread-safe.
 */
final class Leases {
    private static final int NOT_ANNOUNCED = -1;

    private final long ttl;
    private final long settling;
    private final int maxRemovalPercent;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final Map<String, Lease> leases = new HashMap<>();

    /** When a sweep may have something to do. */
    @GuardedBy("this")
    private long due;

    private static final class Lease {
        private long expires;
        /** The weight that the instance asked for last. */
        private int weight = NOT_ANNOUNCED;
        /** It has said goodbye, and somebody holds it. */
        private boolean leaving;
        /** It is being taken out. */
        private boolean removing;

        private Lease(long expires) {
            this.expires = expires;
        }
    }

    /** A registered backend. */
    record Member(String id, boolean down, boolean held) {}

    /**
     * What is to be done now.
     *
     * @param gone whose time is over
     * @param left who said goodbye and is held no more
     * @param kept why others stay whose leases have run out, by id
     * @param preserving whether too many have run out at once
     */
    record Sweep(List<String> gone, List<String> left, Map<String, String> kept, boolean preserving) {}

    /** @param nanoTime monotonic */
    Leases(Duration ttl, int maxRemovalPercent, LongSupplier nanoTime) {
        this.ttl = ttl.toNanos();
        this.settling = ttl.toNanos() / 3;
        this.maxRemovalPercent = maxRemovalPercent;
        this.nanoTime = nanoTime;
        this.due = nanoTime.getAsLong();
    }

    /** Whether a sweep may have something to do. */
    synchronized boolean isDue() {
        return due - nanoTime.getAsLong() <= 0;
    }

    /** Whether a heartbeat alone is enough: the lease is known, asks for the same, and nobody takes the backend out just now. */
    synchronized boolean renewKnown(String id, int weight) {
        Lease lease = leases.get(id);
        if (lease == null || lease.removing || lease.leaving) {
            return false;
        }
        boolean same = lease.weight == NOT_ANNOUNCED || lease.weight == weight;
        if (same) {
            grant(id, weight);
        }
        return same;
    }

    synchronized void grant(String id, int weight) {
        Lease lease = new Lease(nanoTime.getAsLong() + ttl);
        lease.weight = weight;
        leases.put(id, lease);
        dueBy(lease.expires);
    }

    @GuardedBy("this")
    private void dueBy(long time) {
        due = due - time <= 0 ? due : time;
    }

    synchronized void end(String id) {
        leases.remove(id);
    }

    /** It has said goodbye but is held: it goes when it is not. */
    synchronized void leave(String id) {
        Lease lease = leases.computeIfAbsent(id, unknown -> new Lease(nanoTime.getAsLong()));
        lease.leaving = true;
        lease.removing = false;
        dueBy(nanoTime.getAsLong());
    }

    /** How long a backend's lease still runs; zero or less when it has run out, absent when there is none. */
    synchronized @Nullable Duration left(String id) {
        Lease lease = leases.get(id);
        return lease == null ? null : Duration.ofNanos(lease.leaving ? 0 : lease.expires - nanoTime.getAsLong());
    }

    /** Decides, and notes that those who go are being taken out. */
    synchronized Sweep sweep(Collection<Member> members) {
        long now = nanoTime.getAsLong();
        leases.keySet().retainAll(members.stream().map(Member::id).collect(Collectors.toSet()));
        members.forEach(member -> leases.computeIfAbsent(member.id(), unknown -> new Lease(now + ttl)));
        due = now + ttl;
        // Those that have run out depend on checks, holds and each other: they are looked at each time.
        leases.values().forEach(lease -> dueBy(lease.leaving ? now : lease.expires));
        List<Member> expired = new ArrayList<>();
        for (Member member : members) {
            Lease lease = leases.get(member.id());
            if (lease != null && !lease.leaving && lease.expires - now <= 0) {
                expired.add(member);
            }
        }
        boolean preserving = expired.size() * 100 > maxRemovalPercent * members.size();
        Map<String, String> kept = new LinkedHashMap<>();
        List<String> gone = new ArrayList<>();
        for (Member member : expired) {
            Lease lease = leases.get(member.id());
            if (lease == null || lease.removing) {
                continue;
            }
            if (lease.expires + settling - now > 0) {
                kept.put(member.id(), "no heartbeat; goes if none comes soon");
            } else if (member.held()) {
                kept.put(member.id(), "no heartbeat; goes when nobody holds it any more");
            } else if (preserving && !member.down()) {
                kept.put(
                        member.id(),
                        "no heartbeat, but " + expired.size() + " of " + members.size()
                                + " fell silent at once, so that the proxy may be cut off; stays until a check finds it down");
            } else {
                lease.removing = true;
                gone.add(member.id());
            }
        }
        return new Sweep(gone, leavers(members, kept), kept, preserving);
    }

    @GuardedBy("this")
    private List<String> leavers(Collection<Member> members, Map<String, String> kept) {
        List<String> left = new ArrayList<>();
        for (Member member : members) {
            Lease lease = leases.get(member.id());
            if (lease == null || !lease.leaving || lease.removing) {
                continue;
            }
            if (member.held()) {
                kept.put(member.id(), "has deregistered; goes when nobody holds it any more");
            } else {
                lease.removing = true;
                left.add(member.id());
            }
        }
        return left;
    }

    /** Those could not be taken out; they are tried again. */
    synchronized void stay(Set<String> ids) {
        for (String id : ids) {
            Lease lease = leases.get(id);
            if (lease != null) {
                lease.removing = false;
            }
        }
    }
}
