package io.sluice.instance.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final ManualClock clock = new ManualClock();
    private final MemoryLog log = new MemoryLog();
    private final Outbox outbox = Events.open(log, clock);

    @Test
    void acceptsOnlyOnceTheRecordIsForced() {
        CompletableFuture<Acceptance> accepted = outbox.accept(Events.event("e1", clock.instant(), "main"));

        assertThat(accepted).isNotDone();
        assertThat(due()).isEmpty();
        log.forceAll();
        assertThat(accepted.join().duplicate()).isFalse();
        assertThat(due()).extracting(Attempt::eventId).containsExactly("e1");
    }

    @Test
    void anAttemptReadsTheEventBackAsItWasAccepted() {
        OutboxEvent event = Events.event("e1", clock.instant(), "main");
        accept(event);

        assertThat(outbox.read(due().get(0))).isEqualTo(event);
    }

    @Test
    void handsOutAStepOnceAndAgainWhenItsRetryIsDue() {
        accept(Events.event("e1", clock.instant(), "main"));
        Attempt first = due().get(0);
        assertThat(due()).isEmpty();

        outbox.retryAt(first, clock.instant().plusSeconds(10), "status 500");

        assertThat(due()).isEmpty();
        assertThat(outbox.nextDue(16)).contains(clock.instant().plusSeconds(10));
        clock.advance(Duration.ofSeconds(10));
        assertThat(due()).extracting(Attempt::number).containsExactly(2);
    }

    @Test
    void forgetsAnEventWhenEachStepIsDelivered() {
        Acceptance acceptance = accept(Events.event("e1", clock.instant(), "a", "b"));
        List<Attempt> attempts = due();
        assertThat(attempts).hasSize(2);

        outbox.delivered(attempts.get(0));
        assertThat(outbox.pending()).isEqualTo(1);
        assertThat(acceptance.settled()).isNotDone();
        outbox.delivered(attempts.get(1));

        assertThat(outbox.pending()).isZero();
        assertThat(acceptance.settled()).isCompletedWithValue(Settlement.DELIVERED);
    }

    @Test
    void anAttemptEndsOnce() {
        accept(Events.event("e1", clock.instant(), "a", "b"));
        Attempt attempt = due().get(0);
        outbox.delivered(attempt);

        assertThatThrownBy(() -> outbox.delivered(attempt)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSecondCopyGetsTheReceiptOfTheFirstAlsoWhileThatIsBeingWrittenAndAfterARestart() {
        CompletableFuture<Acceptance> first = outbox.accept(Events.repeatable("e1", clock.instant(), "main"));
        CompletableFuture<Acceptance> meanwhile = outbox.accept(Events.repeatable("e1", clock.instant(), "main"));
        assertThat(meanwhile).isNotDone();
        log.forceAll();
        CompletableFuture<Acceptance> later = outbox.accept(Events.repeatable("e1", clock.instant(), "main"));
        Outbox restarted = Events.open(log.crash(0), clock);
        CompletableFuture<Acceptance> muchLater = restarted.accept(Events.repeatable("e1", clock.instant(), "main"));

        assertThat(List.of(meanwhile.join(), later.join(), muchLater.join())).allSatisfy(copy -> {
            assertThat(copy.duplicate()).isTrue();
            assertThat(copy.entry()).isEqualTo(first.join().entry());
            assertThat(copy.bodySha256()).isEqualTo(first.join().bodySha256());
        });
        assertThat(outbox.pending()).isEqualTo(1);
    }

    @Test
    void aCopyIsForgottenAfterItsTime() {
        accept(Events.repeatable("e1", clock.instant(), "main"));
        clock.advance(Events.REMEMBERED);

        assertThat(accept(Events.repeatable("e1", clock.instant(), "main")).duplicate())
                .isFalse();
    }

    @Test
    void aCopyOfAnEventThatWasRefusedIsNoDuplicate() {
        log.refuse = OutboxException.Reason.UNKNOWN;
        CompletableFuture<Acceptance> refused = outbox.accept(Events.repeatable("e1", clock.instant(), "main"));
        log.refuse = null;

        assertThatThrownBy(refused::join).hasCauseInstanceOf(OutboxException.class);
        assertThat(accept(Events.repeatable("e1", clock.instant(), "main")).duplicate())
                .isFalse();
    }

    @Test
    void deadLettersAreListedReplayedAndDropped() {
        accept(Events.event("e1", clock.instant(), "a", "b"));
        due().forEach(attempt -> outbox.dead(attempt, "permanent: status 400"));
        assertThat(outbox.pending()).isZero();
        List<DeadLetter> letters = outbox.deadLetters(new DeadLetterId(0, 0), 10, null, null);
        assertThat(letters).extracting(DeadLetter::stepId).containsExactly("a", "b");
        assertThat(outbox.deadLetters(letters.get(0).id(), 10, null, null)).containsExactly(letters.get(1));
        assertThat(outbox.deadLetters(new DeadLetterId(0, 0), 10, "orders", "b"))
                .containsExactly(letters.get(1));

        CompletableFuture<Boolean> replayed = outbox.replay(letters.get(0).id());
        CompletableFuture<Boolean> dropped = outbox.drop(letters.get(1).id());
        log.forceAll();

        assertThat(replayed).isCompletedWithValue(true);
        assertThat(dropped).isCompletedWithValue(true);
        assertThat(outbox.drop(letters.get(1).id())).isCompletedWithValue(false);
        assertThat(outbox.status().deadLetters()).isZero();
        Attempt again = due().get(0);
        assertThat(again.number()).isEqualTo(1);
        assertThat(again.eventId()).isEqualTo("e1");
        outbox.delivered(again);
        assertThat(outbox.pending()).isZero();
    }

    @Test
    void deadLettersSurviveARestart() {
        accept(Events.event("e1", clock.instant(), "main"));
        outbox.dead(due().get(0), "permanent: status 400");
        log.forceAll();

        Outbox restarted = Events.open(log.crash(0), clock);

        assertThat(restarted.deadLetters(new DeadLetterId(0, 0), 10, null, null))
                .extracting(DeadLetter::reason)
                .containsExactly("permanent: status 400");
        assertThat(restarted.pending()).isZero();
    }

    @Test
    void aRequiredStepThatDiesSettlesTheEventAsDead() {
        Acceptance acceptance = accept(Events.event("e1", clock.instant(), "a", "b"));
        List<Attempt> attempts = due();
        outbox.dead(attempts.get(0), "permanent: status 400");
        outbox.delivered(attempts.get(1));

        assertThat(acceptance.settled()).isCompletedWithValue(Settlement.DEAD);
    }

    @Test
    void refusesWhenTooManyEventsWaitAndSaysThatNothingWasStored() {
        int most = Events.settings().maxPending();
        for (int i = 0; i < most; i++) {
            accept(Events.event("e" + i, clock.instant(), "main"));
        }
        int records = log.records();

        CompletableFuture<Acceptance> oneMore = outbox.accept(Events.event("more", clock.instant(), "main"));

        assertThat(outbox.refusal()).contains(OutboxException.Reason.FULL);
        assertThatThrownBy(oneMore::join).hasRootCauseMessage(OutboxException.Reason.FULL.label());
        assertThat(OutboxException.Reason.FULL.nothingStored()).isTrue();
        assertThat(log.records()).isEqualTo(records);
    }

    @Test
    void aLaneTakesNoMoreThanItsShareAndOneAtATimeWhileItsTargetFails() {
        for (int i = 0; i < 20; i++) {
            accept(Events.event("e" + i, clock.instant(), "main"));
        }
        List<Attempt> first = outbox.takeDue(clock.instant(), 100, 8);
        assertThat(first).hasSize(8);
        first.forEach(attempt -> outbox.retryAt(attempt, clock.instant().plusSeconds(60), "refused"));

        List<Attempt> probe = outbox.takeDue(clock.instant(), 100, 8);

        assertThat(probe).hasSize(1);
        assertThat(outbox.takeDue(clock.instant(), 100, 8)).isEmpty();
        outbox.delivered(probe.get(0));
        assertThat(outbox.takeDue(clock.instant(), 100, 8)).hasSize(8);
    }

    @Test
    void tidyingFreesWhatIsDeliveredAndCarriesStuckEventsForward() {
        accept(Events.event("stuck", clock.instant(), "a", "b"));
        List<Attempt> stuck = due();
        outbox.delivered(stuck.get(0));
        outbox.retryAt(stuck.get(1), clock.instant().plus(Duration.ofDays(1)), "refused");
        accept(Events.repeatable("seen", clock.instant(), "main"));
        outbox.delivered(due().get(0));
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 100; i++) {
                accept(Events.event("e" + round + "-" + i, clock.instant(), "main"));
                due().forEach(outbox::delivered);
            }
            log.forceAll();
            int before = log.records();

            tidy();

            assertThat(log.records()).isLessThan(before * 2 / 3);
        }
        MemoryLog after = log.crash(0);
        Outbox restarted = Events.open(after, clock);
        assertThat(restarted.pending()).isEqualTo(1);
        assertThat(restarted
                        .accept(Events.repeatable("seen", clock.instant(), "main"))
                        .join()
                        .duplicate())
                .isTrue();
        clock.advance(Duration.ofDays(1));
        Attempt again = restarted.takeDue(clock.instant(), 10, 10).get(0);
        assertThat(again.stepId()).isEqualTo("b");
        assertThat(again.number()).isEqualTo(2);
        assertThat(restarted.read(again).body().toString()).isEqualTo("body of stuck");
    }

    @Test
    void tidyingFreesALogThatHasNoRoomForMarks() {
        accept(Events.repeatable("seen", clock.instant(), "main"));
        outbox.delivered(due().get(0));
        for (int i = 0; i < 100; i++) {
            accept(Events.event("e" + i, clock.instant(), "main"));
            due().forEach(outbox::delivered);
        }
        log.forceAll();
        log.maxBytes = log.status().bytes();
        int before = log.records();

        tidy();

        assertThat(log.records()).isLessThan(before * 2 / 3);
    }

    @Test
    void tidyingCopiesNothingIntoALogWithoutRoomAndKeepsWhatItNeeds() {
        for (int i = 0; i < 50; i++) {
            accept(Events.event("before" + i, clock.instant(), "main"));
            due().forEach(outbox::delivered);
        }
        accept(Events.event("stuck", clock.instant(), "main"));
        outbox.retryAt(due().get(0), clock.instant().plus(Duration.ofDays(1)), "refused");
        for (int i = 0; i < 100; i++) {
            accept(Events.event("after" + i, clock.instant(), "main"));
            due().forEach(outbox::delivered);
        }
        log.forceAll();
        log.maxBytes = log.status().bytes();
        int before = log.records();

        tidy();

        assertThat(log.records()).isLessThan(before);
        clock.advance(Duration.ofDays(1));
        assertThat(outbox.read(due().get(0)).eventId()).isEqualTo("stuck");
    }

    @Test
    void tidyingKeepsAnEventThatIsForcedButNotYetKnown() {
        for (int i = 0; i < 100; i++) {
            accept(Events.event("e" + i, clock.instant(), "main"));
            due().forEach(outbox::delivered);
        }
        log.forceAll();
        // its record is in the log, its acceptance has not come through: as between a force and its callback
        MemoryLog.Hidden hidden = log.hideNext();
        CompletableFuture<Acceptance> accepted = outbox.accept(Events.event("late", clock.instant(), "main"));
        for (int i = 0; i < 200; i++) {
            accept(Events.event("f" + i, clock.instant(), "main"));
            due().forEach(outbox::delivered);
        }
        log.forceAll();

        tidy();
        tidy();
        hidden.reveal();

        assertThat(accepted).isDone();
        assertThat(outbox.read(due().get(0)).eventId()).isEqualTo("late");
    }

    @Test
    void aRecordThatIsNotUnderstoodIsCountedAndTheRestKept() {
        accept(Events.event("e1", clock.instant(), "main"));
        accept(Events.event("e2", clock.instant(), "main"));
        log.damage(1, new byte[] {99, 1, 2, 3});

        Outbox restarted = Events.open(log.crash(0), clock);

        assertThat(restarted.status().damaged()).isEqualTo(1);
        assertThat(restarted.takeDue(clock.instant(), 10, 10))
                .extracting(Attempt::eventId)
                .containsExactly("e2");
    }

    @Test
    void deliveryGoesOnWhenOutcomesCannotBeStored() {
        accept(Events.event("e1", clock.instant(), "main"));
        log.refuse = OutboxException.Reason.READ_ONLY;
        log.refuseReserved = true;

        outbox.delivered(due().get(0));

        assertThat(outbox.pending()).isZero();
        assertThat(Events.open(log.crash(0), clock).pending()).isEqualTo(1);
    }

    private Acceptance accept(OutboxEvent event) {
        CompletableFuture<Acceptance> accepted = outbox.accept(event);
        log.forceAll();
        return accepted.join();
    }

    private List<Attempt> due() {
        return outbox.takeDue(clock.instant(), 100, 16);
    }

    /** Tidying waits for its copies to be forced. */
    private void tidy() {
        CompletableFuture<Void> tidied = CompletableFuture.runAsync(outbox::tidy);
        while (!tidied.isDone()) {
            log.forceAll();
            Thread.onSpinWait();
        }
        tidied.join();
    }
}
