package io.sluice.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.journal.MemoryFolder.Survival;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random requests, faults and crashes against the {@link Ledger}. The same seeds each time; others with {@code -Drandom=N}, one again with
 * {@code -Dseed=S}.
 */
@Timeout(120)
class JournalPropertyTest {

    private static final int RUNS = 300;
    private static final int STEPS = 80;

    static LongStream seeds() {
        Long given = Long.getLong("seed");
        int random = Integer.getInteger("random", 0);
        if (given != null) {
            return LongStream.of(given);
        }
        return random > 0 ? new Random().longs(random) : LongStream.range(0, RUNS);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void keepsEveryPromise(long seed) {
        new Run(new Random(seed)).go();
    }

    private static final class Run {

        private final Random random;
        private final JournalSettings settings;
        private final Ledger ledger = new Ledger();
        private MemoryFolder folder = new MemoryFolder();
        private Journal journal;
        private boolean mayHaveGaps;

        Run(Random random) {
            this.random = random;
            this.settings =
                    new JournalSettings(1024 + random.nextInt(2000), 4096, 12_000 + random.nextInt(20_000), 2000);
            this.journal = Recording.open(folder, settings, new Recording());
        }

        void go() {
            for (int step = 0; step < STEPS; step++) {
                step(random.nextInt(100));
            }
            crash(Survival.forcedOnly());
            journal.close();
        }

        private void step(int choice) {
            if (choice < 50) {
                burst();
            } else if (choice < 60) {
                ledger.snapshot(journal);
            } else if (choice < 68) {
                ledger.discard(journal, random.nextLong(ledger.lastSequence() + 10));
            } else if (choice < 76) {
                ledger.read(journal, 1 + random.nextLong(ledger.lastSequence() + 1));
            } else if (choice < 80) {
                folder.writeAtMost(1 + random.nextInt(100));
            } else if (choice < 84) {
                folder.limitTo(random.nextInt(4) == 0 ? Long.MAX_VALUE : folder.used() + random.nextInt(1000));
            } else if (choice < 88) {
                folder.stopAfter(random.nextInt(12));
            } else if (choice < 92) {
                reopen();
            } else {
                crash(survival());
            }
        }

        private void burst() {
            int appends = 1 + random.nextInt(8);
            for (int i = 0; i < appends; i++) {
                int count = random.nextInt(3) == 0 ? 2 + random.nextInt(4) : 1;
                ledger.append(journal, count, random.nextInt(5) == 0, random.nextInt(200));
            }
            if (random.nextBoolean()) {
                ledger.settle();
            }
        }

        private void reopen() {
            journal.close();
            ledger.settle();
            open(folder);
        }

        /** In the middle of what is going on: what is pending is settled by the dead machine, but judged by what came out of it. */
        private void crash(Survival survival) {
            folder.stopAfter(random.nextInt(4));
            ledger.settle();
            MemoryFolder next = folder.afterCrash(survival);
            journal.close();
            open(next);
        }

        private void open(MemoryFolder next) {
            folder = next;
            int attempts = random.nextInt(3);
            while (attempts > 0) {
                folder.stopAfter(random.nextInt(6));
                try {
                    Recording.open(folder, settings, new Recording()).close();
                } catch (JournalException e) {
                    assertThat(e.kind()).isEqualTo(JournalException.Kind.IO);
                }
                folder = folder.afterCrash(survival());
                attempts--;
            }
            folder.repair();
            Recording recording = new Recording();
            journal = Recording.open(folder, settings, recording);
            ledger.checkAndAdopt(recording, mayHaveGaps);
            assertThat(journal.status().lastSequence()).isGreaterThanOrEqualTo(ledger.lastSequence());
        }

        private Survival survival() {
            return switch (random.nextInt(4)) {
                case 0 -> Survival.everything();
                case 1 -> Survival.anyFolder(random);
                case 2 -> {
                    mayHaveGaps = true;
                    yield Survival.mixed(random);
                }
                default -> Survival.forcedOnly();
            };
        }
    }
}
