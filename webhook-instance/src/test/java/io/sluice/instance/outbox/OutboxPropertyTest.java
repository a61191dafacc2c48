package io.sluice.instance.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random commands with crashes at random points: what was acknowledged is pending, dead or was delivered, never gone. */
class OutboxPropertyTest {
    private static final int COMMANDS = 600;

    private final ManualClock clock = new ManualClock();
    private final Set<String> acknowledged = new HashSet<>();
    private final Map<String, List<String>> stepsOf = new HashMap<>();
    private final Set<String> delivered = new HashSet<>();
    private final Set<String> dropped = new HashSet<>();
    private final Map<String, CompletableFuture<Acceptance>> writing = new HashMap<>();
    private final List<Attempt> running = new ArrayList<>();
    private MemoryLog log = new MemoryLog();
    private Outbox outbox = Events.open(log, clock);
    private int events;

    static LongStream seeds() {
        Long replay = Long.getLong("seed");
        return replay == null ? LongStream.range(0, 60) : LongStream.of(replay);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void nothingAcknowledgedIsLost(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < COMMANDS; i++) {
            step(random);
            noteAcknowledged();
        }
        log.forceAll();
        noteAcknowledged();
        crash(0);
        deliverEverything();
        assertThat(acknowledged).allMatch(step -> delivered.contains(step) || dropped.contains(step));
        assertThat(outbox.pending()).isZero();
        assertThat(outbox.status().damaged()).isZero();
    }

    private void step(Random random) {
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> accept();
            case 4, 5, 6 -> log.force(1 + random.nextInt(4));
            case 7, 8 -> running.addAll(outbox.takeDue(clock.instant(), 1 + random.nextInt(5), 4));
            case 9, 10, 11 -> endOne(random);
            case 12 -> changeDeadLetter(random);
            default -> rarely(random);
        }
    }

    private void accept() {
        String id = "e" + events++;
        OutboxEvent event = events % 3 == 0
                ? Events.repeatable(id, clock.instant(), "a", "b")
                : Events.event(id, clock.instant(), "a");
        stepsOf.put(id, event.steps().stream().map(step -> id + "/" + step.id()).toList());
        writing.put(id, outbox.accept(event));
    }

    private void endOne(Random random) {
        if (running.isEmpty()) {
            clock.advance(Duration.ofSeconds(5));
            return;
        }
        Attempt attempt = running.remove(random.nextInt(running.size()));
        assertThat(outbox.read(attempt).eventId()).isEqualTo(attempt.eventId());
        switch (random.nextInt(4)) {
            case 0 -> outbox.retryAt(attempt, clock.instant().plusSeconds(random.nextInt(20)), "refused");
            case 1 -> outbox.dead(attempt, "permanent: status 400");
            default -> {
                delivered.add(attempt.eventId() + "/" + attempt.stepId());
                outbox.delivered(attempt);
            }
        }
    }

    private void changeDeadLetter(Random random) {
        List<DeadLetter> letters = outbox.deadLetters(new DeadLetterId(0, 0), 5, null, null);
        if (letters.isEmpty()) {
            return;
        }
        DeadLetter letter = letters.get(random.nextInt(letters.size()));
        if (random.nextInt(3) == 0) {
            dropped.add(letter.eventId() + "/" + letter.stepId());
            assertThat(outbox.drop(letter.id())).isNotNull();
        } else {
            assertThat(outbox.replay(letter.id())).isNotNull();
        }
    }

    private void rarely(Random random) {
        switch (random.nextInt(4)) {
            case 0 -> crash(random.nextInt(1 + log.unforced()));
            case 1 -> tidy();
            default -> clock.advance(Duration.ofSeconds(10));
        }
    }

    /** The process dies, and with it what was not forced, but for a few records that had got to the disk by themselves. */
    private void crash(int lucky) {
        log = log.crash(lucky);
        writing.clear();
        running.clear();
        outbox = Events.open(log, clock);
    }

    private void tidy() {
        CompletableFuture<Void> tidied = CompletableFuture.runAsync(outbox::tidy);
        while (!tidied.isDone()) {
            log.forceAll();
            Thread.onSpinWait();
        }
        tidied.join();
    }

    private void noteAcknowledged() {
        writing.entrySet().removeIf(entry -> {
            if (entry.getValue().isDone()) {
                acknowledged.addAll(stepsOf.get(entry.getKey()));
            }
            return entry.getValue().isDone();
        });
    }

    private void deliverEverything() {
        outbox.deadLetters(new DeadLetterId(0, 0), Integer.MAX_VALUE, null, null)
                .forEach(letter -> assertThat(outbox.replay(letter.id())).isNotNull());
        clock.advance(Duration.ofDays(1));
        List<Attempt> due = outbox.takeDue(clock.instant(), 10, 10);
        while (!due.isEmpty()) {
            for (Attempt attempt : due) {
                assertThat(outbox.read(attempt).body().toString()).isEqualTo("body of " + attempt.eventId());
                delivered.add(attempt.eventId() + "/" + attempt.stepId());
                outbox.delivered(attempt);
            }
            due = outbox.takeDue(clock.instant(), 10, 10);
        }
    }
}
