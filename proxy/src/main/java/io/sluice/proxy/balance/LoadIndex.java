package io.sluice.proxy.balance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Many backends ordered by load, so that the least loaded one per weight is found without looking at all of them.
 *
 * <p>Backends of the same weight are together, in one queue for each number of requests in flight. Whoever is taken goes to the end of the
 * next queue, so that equals of one weight take turns; between weights the turn goes by smooth weighted round robin. A choice looks at one
 * queue per weight.
 *
 * <p>The truth about a count is the backend's word alone: a place in here is what was true when it was last looked at. Whatever changes a
 * word leaves a note ({@link #moved}), which costs two compare-and-sets and no lock; whoever chooses next takes in all notes first. The
 * choice is thus behind by no more than the notes that are being written at that instant, one for each thread; and a backend is taken only if
 * its count is the one that its place says.
 */
final class LoadIndex {
    /** Backends with more requests than this wait in one queue, in no order. */
    private static final int MOST_QUEUES = 1 << 12;
    /** Longer than another choice takes; after that the other thread has been preempted, and waiting costs less than turning. */
    private static final int SPINS = 200;

    /** A backend's place. */
    static final class Place {
        private final LoadIndex index;
        private final Backend backend;
        private final AtomicBoolean noted = new AtomicBoolean();
        /** Written before the note is published, read after it was taken. */
        private @Nullable Place nextNote;

        // All that follows is guarded by the index's lock.
        private @Nullable Weight weight;
        private long load;
        private @Nullable Place previous;
        private @Nullable Place next;

        Place(LoadIndex index, Backend backend) {
            this.index = index;
            this.backend = backend;
        }
    }

    /** The backends of one weight. */
    private static final class Weight {
        private final int share;
        private @Nullable Place[] first = new Place[8];
        private @Nullable Place[] last = new Place[8];
        private int[] sizes = new int[8];
        private int members;
        /** No queue before this one has a member. */
        private int least;
        /** Smooth round robin's running credit. */
        private long credit;

        Weight(int share) {
            this.share = share;
        }

        void append(Place place) {
            int queue = queue(place.load);
            if (queue >= first.length) {
                int longer = Math.max(queue + 1, first.length * 2);
                first = Arrays.copyOf(first, longer);
                last = Arrays.copyOf(last, longer);
                sizes = Arrays.copyOf(sizes, longer);
            }
            Place before = last[queue];
            place.weight = this;
            place.previous = before;
            place.next = null;
            if (before == null) {
                first[queue] = place;
            } else {
                before.next = place;
            }
            last[queue] = place;
            sizes[queue]++;
            members++;
            least = Math.min(least, queue);
        }

        void remove(Place place) {
            int queue = queue(place.load);
            Place before = place.previous;
            Place after = place.next;
            if (before == null) {
                first[queue] = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last[queue] = before;
            } else {
                after.previous = before;
            }
            place.weight = null;
            sizes[queue]--;
            members--;
            while (least < first.length - 1 && first[least] == null) {
                least++;
            }
        }

        /** Who waits longest in the first queue that has somebody whom {@code tried} leaves. */
        @Nullable
        Place longestWaiting(Tried tried) {
            for (int queue = least; queue < first.length; queue++) {
                for (Place place = first[queue]; place != null; place = place.next) {
                    if (!tried.contains(place.backend)) {
                        return place;
                    }
                }
            }
            return null;
        }

        /** What those that are as loaded as {@code place} gain in one round. */
        long gain(Place place) {
            return (long) share * sizes[queue(place.load)];
        }

        private static int queue(long load) {
            return (int) Math.min(load, MOST_QUEUES);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    /** The notes, newest first. */
    private final AtomicReference<@Nullable Place> notes = new AtomicReference<>();

    @GuardedBy("lock")
    private final List<Weight> weights = new ArrayList<>();

    LoadIndex(List<Backend> backends) {
        lock.lock();
        try {
            for (Backend backend : backends) {
                Place place = new Place(this, backend);
                // Before the first look: what changes after that leaves its note here.
                backend.setMark(place);
                put(place);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a backend's count or eligibility or weight is another one. Any thread, without a lock. */
    static void moved(Backend backend) {
        if (backend.mark() instanceof Place place && place.noted.compareAndSet(false, true)) {
            place.index.note(place);
        }
    }

    private void note(Place place) {
        while (true) {
            Place newest = notes.get();
            place.nextNote = newest;
            if (notes.compareAndSet(newest, place)) {
                return;
            }
        }
    }

    /**
     * Takes the least loaded backend that {@code tried} leaves.
     *
     * @param into null only to look who it would be
     * @return null when nobody may get a request
     */
    @Nullable
    Backend acquire(Tried tried, @Nullable Lease into) {
        acquireLock();
        try {
            while (true) {
                takeNotes();
                Place place = least(tried);
                if (place == null) {
                    if (notes.get() == null) {
                        return null;
                    }
                } else if (into == null) {
                    return place.backend;
                } else if (place.backend.tryAcquireAt(place.load, false, into)) {
                    settle(place, tried);
                    move(place);
                    return place.backend;
                } else {
                    move(place);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void acquireLock() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    @GuardedBy("lock")
    private void takeNotes() {
        if (notes.get() == null) {
            return;
        }
        Place place = notes.getAndSet(null);
        while (place != null) {
            Place older = place.nextNote;
            place.nextNote = null;
            // Before it is looked at: what changes after that leaves another note.
            place.noted.set(false);
            move(place);
            place = older;
        }
    }

    @GuardedBy("lock")
    private void move(Place place) {
        Weight weight = place.weight;
        if (weight != null) {
            weight.remove(place);
        }
        put(place);
        if (weight != null && weight.members == 0) {
            weights.remove(weight);
        }
    }

    @GuardedBy("lock")
    private void put(Place place) {
        long load = place.backend.loadIfEligible(false);
        if (load >= 0) {
            place.load = load;
            weight(place.backend.share()).append(place);
        }
    }

    @GuardedBy("lock")
    private Weight weight(int share) {
        for (int i = 0; i < weights.size(); i++) {
            if (weights.get(i).share == share) {
                return weights.get(i);
            }
        }
        Weight added = new Weight(share);
        weights.add(added);
        return added;
    }

    @GuardedBy("lock")
    private @Nullable Place least(Tried tried) {
        Place least = null;
        Weight of = null;
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            Place place = weight.longestWaiting(tried);
            if (place == null) {
                continue;
            }
            long difference = least == null || of == null ? -1 : place.load * of.share - least.load * weight.share;
            if (difference < 0 || (difference == 0 && of != null && isRicher(weight, place, of, least))) {
                least = place;
                of = weight;
            }
        }
        return least;
    }

    private static boolean isRicher(Weight weight, Place place, Weight than, @Nullable Place other) {
        return other != null && weight.credit + weight.gain(place) > than.credit + than.gain(other);
    }

    /** All weights whose least are as loaded gain, the one that was chosen pays. */
    @GuardedBy("lock")
    private void settle(Place chosen, Tried tried) {
        Weight of = chosen.weight;
        if (of == null || weights.size() == 1) {
            return;
        }
        long gained = 0;
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            Place place = weight.longestWaiting(tried);
            if (place != null && place.load * of.share == chosen.load * weight.share) {
                weight.credit += weight.gain(place);
                gained += weight.gain(place);
            }
        }
        of.credit -= gained;
    }
}
