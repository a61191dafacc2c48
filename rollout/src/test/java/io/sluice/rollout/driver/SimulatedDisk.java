package io.sluice.rollout.driver;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.rollout.driver.SimulatedTime.Life;
import io.sluice.rollout.store.Documents;
import io.sluice.rollout.store.StateLog;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What survives the engine: its log and its documents. A write under way when the engine dies is there afterwards, or not. */
final class SimulatedDisk {
    private static final Duration FORCE = Duration.ofNanos(300_000);

    private final SimulatedTime time;
    private final Random random;
    private final List<byte[]> records = new ArrayList<>();
    private final Map<String, JsonNode> documents = new HashMap<>();
    private byte @Nullable [] snapshot;
    private long snapshotSequence;
    private long sequence;
    private boolean failing;

    SimulatedDisk(SimulatedTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    /** From now on nothing can be written. */
    void fail() {
        failing = true;
    }

    int records() {
        return records.size();
    }

    StateLog log(Life life) {
        return new StateLog() {
            @Override
            public void open(Reader replay) {
                if (snapshot != null) {
                    replay.snapshot(snapshotSequence, snapshot);
                }
                long first = sequence - records.size();
                for (int i = 0; i < records.size(); i++) {
                    replay.record(first + i + 1, records.get(i));
                }
            }

            @Override
            public Future<Long> append(byte[] record) {
                return write(life, () -> {
                    records.add(record);
                    return ++sequence;
                });
            }

            @Override
            public Future<Void> snapshot(byte[] state) {
                return write(life, () -> {
                            snapshot = state;
                            snapshotSequence = sequence;
                            records.clear();
                            return sequence;
                        })
                        .mapEmpty();
            }

            @Override
            public void close() {}
        };
    }

    Documents documents(Life life) {
        return new Documents() {
            @Override
            public Future<Void> put(String hash, JsonNode document) {
                return write(life, () -> documents.put(hash, document) == null).mapEmpty();
            }

            @Override
            public Future<JsonNode> get(String hash) {
                JsonNode document = documents.get(hash);
                return document == null
                        ? Future.failedFuture(new NoSuchElementException(hash))
                        : Future.succeededFuture(document);
            }
        };
    }

    private interface Write<T> {
        T run();
    }

    private <T> Future<T> write(Life life, Write<T> write) {
        Promise<T> done = Promise.promise();
        time.after(FORCE, () -> {
            if (failing) {
                done.fail("no space left");
            } else if (life.isAlive() || random.nextBoolean()) {
                T result = write.run();
                if (life.isAlive()) {
                    done.complete(result);
                }
            }
        });
        return done.future();
    }
}
