package io.sluice.rollout.store;

import io.sluice.rollout.plan.Rollout;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the engine knows, durable. One caller at a time; it waits for a change to complete before it makes the next. {@link #state()} may
 * be read from any thread and only ever shows what is durable.
 */
public final class RolloutStore {
    private static final int KEPT_ROLLOUTS = 100;
    private static final Duration KEY_AGE = Duration.ofDays(2);

    /** A rollout of five instances writes about a hundred records. */
    private static final int RECORDS_PER_SNAPSHOT = 5_000;

    private final StateLog log;
    private final Clock clock;
    private final CrashPoint crash;
    private final List<String> damage = new ArrayList<>();
    private volatile StoredState state = StoredState.EMPTY;
    private long recordsSinceSnapshot;

    public RolloutStore(StateLog log, Clock clock, CrashPoint crash) {
        this.log = log;
        this.clock = clock;
        this.crash = crash;
    }

    /** Reads what there is. Blocks. */
    public void open() {
        log.open(new StateLog.Reader() {
            @Override
            public void snapshot(long sequence, byte[] json) {
                state = Json.read(json, StoredState.class).at(sequence);
            }

            @Override
            public void record(long sequence, byte[] json) {
                state = state.with(sequence, Json.read(json, Entry.class));
                recordsSinceSnapshot++;
            }

            @Override
            public void damaged(String what) {
                damage.add(what);
            }
        });
    }

    /** What could not be read when it was opened. */
    public List<String> damage() {
        return List.copyOf(damage);
    }

    public StoredState state() {
        return state;
    }

    /** Begins a new reign, and completes with its number once that is durable. */
    public Future<Long> reign() {
        long epoch = state.epoch() + 1;
        return append(new Entry(clock.instant(), epoch, null, null)).map(epoch);
    }

    /** Completes with the stored state of the rollout, its version raised by one. */
    public Future<Rollout> save(Rollout next, @Nullable StoredKey key) {
        @Nullable
        Rollout before = state.find(next.id()).map(StoredRollout::rollout).orElse(null);
        Rollout numbered = next.numbered(before == null ? 1 : before.version() + 1, state.epoch());
        Entry entry = new Entry(clock.instant(), state.epoch(), StoredState.difference(before, numbered), key);
        return append(entry).map(numbered);
    }

    /** Forgets what is too old, if it is time to. The rollouts that are kept stay as they are. */
    public Future<Void> compact() {
        boolean many = state.rollouts().size() > 2 * KEPT_ROLLOUTS;
        if (!many && recordsSinceSnapshot < RECORDS_PER_SNAPSHOT) {
            return Future.succeededFuture();
        }
        StoredState pruned = state.pruned(KEPT_ROLLOUTS, clock.instant(), KEY_AGE);
        crash.reached("before snapshot");
        return log.snapshot(Json.writeBytes(pruned)).onSuccess(done -> {
            crash.reached("after snapshot");
            state = pruned;
            recordsSinceSnapshot = 0;
        });
    }

    /** Blocks. */
    public void close() {
        log.close();
    }

    private Future<Long> append(Entry entry) {
        crash.reached("before record");
        return log.append(Json.writeBytes(entry)).onSuccess(sequence -> {
            crash.reached("after record");
            state = state.with(sequence, entry);
            recordsSinceSnapshot++;
        });
    }
}
