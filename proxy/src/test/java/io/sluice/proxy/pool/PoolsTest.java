package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.JournalEntryView;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.PoolChange.AcceptConfiguration;
import io.sluice.proxy.api.PoolChange.PutBackend;
import io.sluice.proxy.api.PoolChange.PutHold;
import io.sluice.proxy.api.PoolChange.RemoveBackend;
import io.sluice.proxy.api.PoolChange.RemoveHold;
import io.sluice.proxy.api.PoolChange.SetMinInService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PoolsTest {
    private static PutHold putHold(String backend, String name) {
        return new PutHold(backend, name, "why", null);
    }

    private static Lease lease(Backend backend) {
        return Objects.requireNonNull(TestLease.of(backend));
    }

    @Nested
    class Changing {
        @Test
        void theFirstStartTakesTheFileAsItsState() {
            try (PoolFixture f = new PoolFixture(3)) {
                assertThat(f.now().revision()).isEqualTo(1);
                assertThat(f.now().backends()).extracting(Backend::id).containsExactly("b1", "b2", "b3");
                assertThat(f.now().minInService()).isEqualTo(2);
                assertThat(f.now().inService()).isEqualTo(3);
            }
        }

        @Test
        void severalChangesMakeOneRevisionAndOneEntry() {
            try (PoolFixture f = new PoolFixture(3)) {
                int forces = f.store.appends();
                ChangeResult result = f.change(
                        new PutBackend("b4", "127.0.0.1:8004", "http://127.0.0.1:9004", 5),
                        putHold("b1", "h"),
                        new SetMinInService(1));

                assertThat(result.snapshot().revision()).isEqualTo(2);
                assertThat(result.created()).isTrue();
                // The drain of the idle backend has ended, which is kept by a force of its own, sooner or later.
                assertThat(f.store.appends()).isBetween(forces + 1, forces + 2);
                List<JournalEntryView> entries =
                        f.pools.journal(PoolFixture.POOL, 10).entries();
                assertThat(entries).hasSize(2);
                assertThat(entries.get(0).changes()).hasSize(3);
                assertThat(entries.get(0).fromRevision()).isEqualTo(1);
                assertThat(entries.get(0).toRevision()).isEqualTo(2);
            }
        }

        @Test
        void aChangeThatIsThereAlreadyMakesNoRevision() {
            try (PoolFixture f = new PoolFixture(3)) {
                DrainOperation first = f.hold("b1", "h");
                int forces = f.store.appends();
                ChangeResult again = f.change(putHold("b1", "h"));

                assertThat(again.changed()).isFalse();
                assertThat(again.snapshot().revision()).isEqualTo(first.revision());
                assertThat(again.drains()).extracting(DrainOperation::id).containsExactly(first.id());
                assertThat(f.store.appends()).isLessThanOrEqualTo(forces + 1); // the drain's end, at most
                assertThat(f.change(new PutBackend("b2", "127.0.0.1:8002", null, 1))
                                .changed())
                        .isFalse();
            }
        }

        @Test
        void everyProblemOfARequestIsListedWithItsPlace() {
            try (PoolFixture f = new PoolFixture(3)) {
                ChangeRefusedException refused = f.refused(
                        new PutBackend("no spaces", "nowhere", "ftp://x", 0),
                        new PutHold("b9", "", " ", Duration.ofSeconds(-1)),
                        new SetMinInService(7));

                assertThat(refused.refusal()).isEqualTo(Refusal.INVALID);
                assertThat(refused.details())
                        .extracting(ChangeRefusedException.Detail::pointer)
                        .containsExactly(
                                "/changes/0/id",
                                "/changes/0/address",
                                "/changes/0/weight",
                                "/changes/0/adminUrl",
                                "/changes/1/backend",
                                "/changes/1/name",
                                "/changes/1/reason",
                                "/changes/1/drainTimeout",
                                "/changes/2/count");
            }
        }

        @Test
        void aBatchWithOneUnknownBackendChangesNothing() {
            try (PoolFixture f = new PoolFixture(3)) {
                assertThat(f.refused(putHold("b1", "h"), putHold("b9", "h")).refusal())
                        .isEqualTo(Refusal.UNKNOWN_BACKEND);
                assertThat(f.backend("b1").isEligible()).isTrue();
            }
        }

        @Test
        void aChangeForAnotherRevisionIsRefused() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.change("ana", null, Precondition.atRevision(1), new SetMinInService(1));
                assertThat(f.refused("ana", null, Precondition.atRevision(1), new SetMinInService(2))
                                .refusal())
                        .isEqualTo(Refusal.REVISION_MISMATCH);
            }
        }

        @Test
        void whoOnlyWantsToCreateDoesNotReplace() {
            try (PoolFixture f = new PoolFixture(3)) {
                PutBackend put = new PutBackend("b4", "127.0.0.1:8004", null, null);
                f.change("ana", null, Precondition.CREATES, put);
                assertThat(f.refused("ana", null, Precondition.CREATES, put).refusal())
                        .isEqualTo(Refusal.ALREADY_EXISTS);
            }
        }

        @Test
        void aLowerEpochIsRefusedForGood() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.change("engine", 7L, Precondition.NONE);
                f.restart();
                assertThat(f.now().epoch()).isEqualTo(7);
                assertThat(f.refused("engine", 6L, Precondition.NONE, putHold("b1", "h"))
                                .refusal())
                        .isEqualTo(Refusal.STALE_EPOCH);
                f.change("engine", 7L, Precondition.NONE, putHold("b1", "h"));
                f.change("ana", null, Precondition.NONE, new RemoveHold("b1", "h"));
            }
        }

        @Test
        void changesThatWaitTogetherAreForcedTogether() {
            try (PoolFixture f = new PoolFixture(40)) {
                int forces = f.store.appends();
                List<CompletableFuture<ChangeResult>> answers = new ArrayList<>();
                synchronized (f.store) {
                    for (int i = 0; i < 30; i++) {
                        answers.add(f.pools.change(new ChangeRequest(
                                PoolFixture.POOL,
                                List.of(new PutBackend("x" + i, "127.0.0.1:9000", null, null)),
                                Precondition.NONE,
                                "ana",
                                "",
                                null)));
                    }
                }
                answers.forEach(PoolFixture::settle);
                assertThat(f.store.appends() - forces).isLessThanOrEqualTo(2);
                assertThat(f.now().revision()).isEqualTo(31);
            }
        }
    }

    @Nested
    class Floor {
        @Test
        void aHoldThatWouldBreakTheFloorIsRefused() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.hold("b1", "h");
                assertThat(f.refused(putHold("b2", "h")).refusal()).isEqualTo(Refusal.FLOOR_WOULD_BREAK);
                f.change(putHold("b1", "other"));
            }
        }

        @Test
        void whatIsNotEligibleAnywayMayBeHeldOrRemoved() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.down("b2");
                f.hold("b2", "h");
                assertThat(f.refused(putHold("b1", "h")).refusal()).isEqualTo(Refusal.FLOOR_WOULD_BREAK);
                f.change(new RemoveBackend("b2", false));
            }
        }

        @Test
        void theLastBackendStays() {
            try (PoolFixture f = new PoolFixture(1)) {
                assertThat(f.refused(putHold("b1", "h")).refusal()).isEqualTo(Refusal.FLOOR_WOULD_BREAK);
                assertThat(f.refused(new RemoveBackend("b1", true)).refusal()).isEqualTo(Refusal.FLOOR_WOULD_BREAK);
            }
        }

        @Test
        void anAcceptedConfigurationThatTooFewRunIsRefused() {
            try (PoolFixture f = new PoolFixture(3)) {
                List.of("b1", "b2", "b3").forEach(id -> f.probed(id, "old"));
                assertThat(f.refused(new AcceptConfiguration(List.of("new"))).refusal())
                        .isEqualTo(Refusal.FLOOR_WOULD_BREAK);
                f.change(new AcceptConfiguration(List.of("old", "new")));
                assertThat(f.now().inService()).isEqualTo(3);
            }
        }

        @Test
        void movingABackendCostsItsPlaceUntilItHasPassed() {
            PoolSettings settings = new PoolSettings(
                    PoolFixture.POOL, PoolFixture.backends(2), null, Duration.ofSeconds(5), true, true);
            try (PoolFixture f = new PoolFixture(settings)) {
                f.up("b1");
                f.up("b2");
                f.change(new PutBackend("b1", "127.0.0.1:8101", null, null));
                assertThat(f.refused(new PutBackend("b2", "127.0.0.1:8102", null, null))
                                .refusal())
                        .isEqualTo(Refusal.FLOOR_WOULD_BREAK);
                f.up("b1");
                f.change(new PutBackend("b2", "127.0.0.1:8102", null, null));
            }
        }
    }

    @Nested
    class Draining {
        @Test
        void drainWaitsForInFlightRequests() {
            try (PoolFixture f = new PoolFixture(3)) {
                Backend backend = f.backend("b1");
                Lease one = lease(backend);
                Lease two = lease(backend);
                DrainOperation drain = f.hold("b1", "h");

                assertThat(drain.state()).isEqualTo(DrainState.DRAINING);
                assertThat(drain.inFlight()).isEqualTo(2);
                assertThat(backend.tryAcquire(false, new Lease())).isFalse();
                one.close();
                assertThat(f.pools.drain(drain.id()).orElseThrow().inFlight()).isEqualTo(1);
                assertThat(f.pools.drainEnded(drain.id())).isNotDone();
                two.close();
                DrainOperation end = f.awaitEnd(drain);
                assertThat(end.state()).isEqualTo(DrainState.DRAINED);
                assertThat(end.finishedAt()).isNotNull();
            }
        }

        @Test
        void anIdleBackendIsDrainedInTheAnswer() {
            try (PoolFixture f = new PoolFixture(3)) {
                assertThat(f.hold("b1", "h").state()).isEqualTo(DrainState.DRAINED);
            }
        }

        @Test
        void aTimeoutCutsNothingAndKeepsTheHold() {
            try (PoolFixture f = new PoolFixture(3)) {
                Lease lease = lease(f.backend("b1"));
                DrainOperation drain = f.hold("b1", "h");
                f.clock.advance(Duration.ofSeconds(31));
                f.pools.checkDeadlines();

                DrainOperation end = f.awaitEnd(drain);
                assertThat(end.state()).isEqualTo(DrainState.TIMED_OUT);
                assertThat(end.remaining()).isEqualTo(1);
                assertThat(f.backend("b1").isClosed()).isTrue();
                lease.close();
                DrainOperation later = f.pools.drain(drain.id()).orElseThrow();
                assertThat(later.state()).isEqualTo(DrainState.TIMED_OUT);
                assertThat(later.inFlight()).isZero();
                assertThat(later.remaining()).isEqualTo(1);
                f.restart();
                assertThat(f.pools.drain(drain.id()).orElseThrow().state()).isEqualTo(DrainState.TIMED_OUT);
            }
        }

        @Test
        void aHoldRemovedBeforeZeroCancels() {
            try (PoolFixture f = new PoolFixture(3)) {
                Lease lease = lease(f.backend("b1"));
                DrainOperation drain = f.hold("b1", "h");
                f.release("b1", "h");

                assertThat(f.awaitEnd(drain).state()).isEqualTo(DrainState.CANCELLED);
                assertThat(f.backend("b1").isEligible()).isTrue();
                lease.close();
                assertThat(f.pools.drain(drain.id()).orElseThrow().state()).isEqualTo(DrainState.CANCELLED);
            }
        }

        @Test
        void onlyTheLastHoldThatGoesOpensTheBackend() {
            try (PoolFixture f = new PoolFixture(3)) {
                DrainOperation first = f.hold("b1", "rollout:r-1");
                DrainOperation second = f.hold("b1", "operator:ana");
                assertThat(second.id()).isNotEqualTo(first.id());
                assertThat(second.state()).isEqualTo(DrainState.DRAINED);
                f.release("b1", "rollout:r-1");
                assertThat(f.backend("b1").isEligible()).isFalse();
                assertThat(f.now().holds("b1")).hasSize(1);
                f.release("b1", "operator:ana");
                assertThat(f.backend("b1").isEligible()).isTrue();
                f.release("b1", "operator:ana");
            }
        }

        @Test
        void healthNeverOpensAHeldBackend() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.hold("b1", "h");
                f.down("b1");
                f.up("b1");
                assertThat(f.backend("b1").tryAcquire(false, new Lease())).isFalse();
                assertThat(f.backend("b1").tryAcquire(true, new Lease())).isFalse();
            }
        }

        @Test
        void aRemovedBackendIsGoneAtOnceAndItsRequestsFinish() {
            try (PoolFixture f = new PoolFixture(3)) {
                Backend backend = f.backend("b1");
                Lease lease = lease(backend);
                ChangeResult result = f.change(new RemoveBackend("b1", false));

                assertThat(f.now().backend("b1")).isEmpty();
                assertThat(backend.tryAcquire(true, new Lease())).isFalse();
                DrainOperation drain = result.drains().get(0);
                assertThat(drain.state()).isEqualTo(DrainState.DRAINING);
                lease.close();
                assertThat(f.awaitEnd(drain).state()).isEqualTo(DrainState.DRAINED);
            }
        }

        @Test
        void somebodyElsesHoldProtectsFromRemoval() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.hold("b1", "h");
                assertThat(f.refused("bob", null, Precondition.NONE, new RemoveBackend("b1", false))
                                .refusal())
                        .isEqualTo(Refusal.HELD_BY_OTHERS);
                f.change("bob", null, Precondition.NONE, new RemoveBackend("b1", true));
            }
        }

        @Test
        void aNewAddressIsANewIncarnationThatKeepsTheHolds() {
            try (PoolFixture f = new PoolFixture(3)) {
                Backend old = f.backend("b1");
                Lease lease = lease(old);
                DrainOperation drain = f.hold("b1", "h");
                f.change(new PutBackend("b1", "127.0.0.1:9999", null, null));

                Backend moved = f.backend("b1");
                assertThat(moved).isNotSameAs(old);
                assertThat(moved.incarnation()).isEqualTo(2);
                assertThat(moved.inFlight()).isZero();
                assertThat(moved.isEligible()).isFalse();
                assertThat(old.isRetired()).isTrue();
                assertThat(f.pools.drain(drain.id()).orElseThrow().state()).isEqualTo(DrainState.DRAINING);
                lease.close();
                assertThat(f.awaitEnd(drain).state()).isEqualTo(DrainState.DRAINED);
            }
        }

        @Test
        void anIdThatReturnsIsToldFromItsFormerSelf() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.change(new RemoveBackend("b1", false));
                f.restart();
                f.change(new PutBackend("b1", "127.0.0.1:8001", null, null));
                assertThat(f.backend("b1").incarnation()).isEqualTo(2);
            }
        }

        @Test
        void aHoldPlacedAndTakenByOneRequestStartsNoDrain() {
            try (PoolFixture f = new PoolFixture(3)) {
                Lease lease = lease(f.backend("b1"));
                ChangeResult result = f.change(putHold("b1", "h"), new RemoveHold("b1", "h"), new SetMinInService(1));
                assertThat(result.drains()).isEmpty();
                lease.close();
            }
        }

        @Test
        void aBackendPutAndRemovedByOneRequestHasDrained() {
            try (PoolFixture f = new PoolFixture(3)) {
                ChangeResult result = f.change(
                        new PutBackend("b4", "127.0.0.1:8004", null, null),
                        new RemoveBackend("b4", false),
                        new SetMinInService(1));
                assertThat(result.drains()).extracting(DrainOperation::state).containsExactly(DrainState.DRAINED);
            }
        }
    }

    @Nested
    class Restarting {
        @Test
        void everyChangeSurvives() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.change(new PutBackend("b4", "[::1]:8004", "http://[::1]:9004", 7));
                f.change(new RemoveBackend("b2", false));
                f.change(new AcceptConfiguration(List.of("aa", "bb")), new SetMinInService(1));
                DrainOperation drain = f.hold("b1", "rollout:r-1");
                PoolState before = f.now().state();
                f.restart();

                assertThat(f.now().state()).isEqualTo(before);
                assertThat(f.backend("b1").isEligible()).isFalse();
                assertThat(f.now().holds("b1").get(0).author()).isEqualTo("ana");
                assertThat(f.backend("b4").host()).isEqualTo("::1");
                assertThat(f.pools.drain(drain.id()).orElseThrow().state()).isEqualTo(DrainState.DRAINED);
                assertThat(f.change(putHold("b1", "rollout:r-1"))
                                .drains()
                                .get(0)
                                .id())
                        .isEqualTo(drain.id());
            }
        }

        @Test
        void aDrainThatRanHasDrainedAfterIt() {
            try (PoolFixture f = new PoolFixture(3)) {
                assertThat(f.backend("b1").tryAcquire(false, new Lease())).isTrue();
                DrainOperation drain = f.hold("b1", "h");
                f.restart();
                DrainOperation after = f.pools.drain(drain.id()).orElseThrow();
                assertThat(after.state()).isEqualTo(DrainState.DRAINED);
                assertThat(after.inFlight()).isZero();
                assertThat(f.pools.drainEnded(drain.id())).isDone();
            }
        }

        @Test
        void journalledBackendsAreEligibleAtOnceAndOnlyNewOnesWait() {
            PoolSettings settings = new PoolSettings(
                    PoolFixture.POOL, PoolFixture.backends(2), null, Duration.ofSeconds(5), true, true);
            try (PoolFixture f = new PoolFixture(settings)) {
                assertThat(f.now().inService()).isZero();
                assertThat(f.backend("b1").tryAcquire(true, new Lease()))
                        .as("panic never wakes a new one")
                        .isFalse();
                f.settings = new PoolSettings(
                        PoolFixture.POOL, PoolFixture.backends(3), null, Duration.ofSeconds(5), true, true);
                f.restart();
                assertThat(f.backend("b1").isEligible()).isTrue();
                assertThat(f.backend("b2").isEligible()).isTrue();
                assertThat(f.backend("b3").isNew()).isTrue();
                f.up("b3");
                assertThat(f.backend("b3").isEligible()).isTrue();
            }
        }

        @Test
        void aLostEntryIsReportedAndEverythingElseIsKept() {
            try (PoolFixture f = new PoolFixture(5)) {
                f.change(new SetMinInService(1));
                f.change(new PutBackend("lost", "127.0.0.1:1", null, null));
                int lost = f.store.size() - 1;
                f.change(new PutBackend("kept", "127.0.0.1:2", null, null));
                f.pools.close();
                f.store.damage(lost);
                f.restart();

                assertThat(f.pools.gaps()).hasSize(1);
                assertThat(f.pools.journal(PoolFixture.POOL, 10).gaps()).hasSize(1);
                assertThat(f.now().backend("lost")).isEmpty();
                assertThat(f.now().backend("kept")).isPresent();
                assertThat(f.now().revision()).isEqualTo(4);
                assertThat(f.now().minInService()).isEqualTo(1);
            }
        }

        @Test
        void anEntryThatCannotBeReadIsSkippedAndNamed() {
            try (PoolFixture f = new PoolFixture(5)) {
                f.change(new SetMinInService(1));
                f.pools.close();
                f.store.corrupt(
                        f.store.size() - 1,
                        "{\"type\":\"changed\",\"entry\":{\"pool\":\"webhooks\",\"toRevision\":2}}"
                                .getBytes(StandardCharsets.UTF_8));
                f.restart();
                assertThat(f.pools.gaps()).singleElement().asString().contains("webhooks revision 2");
                assertThat(f.now().backends()).hasSize(5);
            }
        }

        @Test
        void aCompactedJournalSaysTheSame() {
            try (PoolFixture f = new PoolFixture(3)) {
                DrainOperation drain = f.hold("b1", "h");
                f.change("engine", 4L, Precondition.NONE, new PutBackend("b4", "127.0.0.1:8004", null, null));
                PoolState before = f.now().state();
                f.pools.close();
                StoredPools stored = StoredPools.recover(f.store.recovered());
                f.store.compact(PoolRecord.encode(List.of(stored.compacted())).get(0));
                f.restart();
                assertThat(f.now().state()).isEqualTo(before);
                assertThat(f.pools.journal(PoolFixture.POOL, 10).entries()).hasSize(3);
                assertThat(f.pools.drain(drain.id())).isPresent();
            }
        }
    }

    @Nested
    class WithoutADisk {
        @Test
        void afterAFailedForceOnlyHoldsAreTaken() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.store.behave(MemoryPoolStore.Mode.FORCE_FAILS_LOSING);
                assertThat(f.refused(putHold("b1", "h")).refusal()).isEqualTo(Refusal.OUTCOME_UNKNOWN);
                assertThat(f.refused(new SetMinInService(1)).refusal()).isEqualTo(Refusal.JOURNAL_UNAVAILABLE);

                ChangeResult held = f.change(putHold("b1", "h"));
                assertThat(held.durable()).isFalse();
                assertThat(held.drains()).hasSize(1);
                assertThat(f.backend("b1").isEligible()).isFalse();
                assertThat(f.backend("b2").tryAcquire(false, new Lease())).isTrue();
                assertThat(f.pools.readOnlyBecause()).isPresent();
                assertThat(f.pools.gaps()).singleElement().asString().contains("volatile");
                assertThat(f.refused(putHold("b2", "h")).refusal()).isEqualTo(Refusal.FLOOR_WOULD_BREAK);
                f.release("b1", "h");
                assertThat(f.backend("b1").isEligible()).isTrue();
            }
        }

        @Test
        void aDurableHoldStaysUntilTheJournalCanForgetIt() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.hold("b1", "h");
                f.store.behave(MemoryPoolStore.Mode.READ_ONLY);
                assertThat(f.refused(new RemoveHold("b1", "h")).refusal()).isEqualTo(Refusal.JOURNAL_UNAVAILABLE);
            }
        }

        @Test
        void anUnknownOutcomeMayReappear() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.store.behave(MemoryPoolStore.Mode.FORCE_FAILS_KEEPING);
                assertThat(f.refused(putHold("b1", "h")).refusal()).isEqualTo(Refusal.OUTCOME_UNKNOWN);
                assertThat(f.backend("b1").isEligible()).isTrue();
                f.store.behave(MemoryPoolStore.Mode.WORKING);
                f.restart();
                assertThat(f.backend("b1").isEligible()).isFalse();
            }
        }

        @Test
        void volatileHoldsAreGoneAfterARestart() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.store.behave(MemoryPoolStore.Mode.DISK_FULL);
                assertThat(f.change(putHold("b1", "h")).durable()).isFalse();
                f.store.behave(MemoryPoolStore.Mode.WORKING);
                assertThat(f.change(putHold("b1", "h")).changed()).isFalse();
                f.change(new SetMinInService(1));
                f.restart();
                assertThat(f.now().holds("b1")).isEmpty();
                assertThat(f.now().minInService()).isEqualTo(1);
            }
        }

        @Test
        void drainsStillEnd() {
            try (PoolFixture f = new PoolFixture(3)) {
                Lease one = lease(f.backend("b1"));
                DrainOperation drain = f.hold("b1", "h");
                f.store.behave(MemoryPoolStore.Mode.READ_ONLY);
                one.close();
                assertThat(f.awaitEnd(drain).state()).isEqualTo(DrainState.DRAINED);
            }
        }
    }

    @Nested
    class Observing {
        @Test
        void anInstanceWithAnUnacceptedConfigurationGetsNothing() {
            try (PoolFixture f = new PoolFixture(3)) {
                List.of("b1", "b2", "b3").forEach(id -> f.probed(id, "new"));
                f.change(new AcceptConfiguration(List.of("new")));
                f.probed("b1", "old");
                assertThat(f.backend("b1").tryAcquire(true, new Lease())).isFalse();
                assertThat(f.now().ineligibleBecause(f.backend("b1")))
                        .containsExactly("configuration not accepted: reports old");
                f.probed("b1", "new");
                assertThat(f.backend("b1").isEligible()).isTrue();
                f.pool().reportConfiguration(f.backend("b2"), "old");
                assertThat(f.backend("b2").isEligible()).isFalse();
                f.pool().reportConfiguration(f.backend("b2"), "new");
                assertThat(f.backend("b2").isEligible())
                        .as("traffic never speaks for a backend")
                        .isFalse();
                f.change(new AcceptConfiguration(List.of()));
                assertThat(f.now().inService()).isEqualTo(3);
            }
        }

        @Test
        void anInstanceThatTellsNoConfigurationIsNotTrusted() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.change(new AcceptConfiguration(List.of("new")));
                assertThat(f.now().inService()).as("nobody was probed").isEqualTo(3);
                f.up("b1");
                assertThat(f.backend("b1").isEligible()).isFalse();
            }
        }

        @Test
        void aLostHealthConnectionKeepsTrafficAwayUntilTheNextPass() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.pool().reportUnverified(f.backend("b1"), "health connection closed");
                assertThat(f.backend("b1").isEligible())
                        .as("any configuration will do")
                        .isTrue();
                f.probed("b1", "new");
                f.change(new AcceptConfiguration(List.of("new")));
                f.pool().reportUnverified(f.backend("b1"), "health connection closed");
                assertThat(f.backend("b1").tryAcquire(true, new Lease())).isFalse();
                f.pool().reportConfiguration(f.backend("b1"), "new");
                assertThat(f.backend("b1").isEligible()).isFalse();
                f.probed("b1", "new");
                assertThat(f.backend("b1").isEligible()).isTrue();
            }
        }

        @Test
        void everyReasonIsTold() {
            try (PoolFixture f = new PoolFixture(3)) {
                f.probed("b1", "x");
                f.change(new SetMinInService(1));
                f.change(new AcceptConfiguration(List.of("new")));
                f.hold("b1", "h");
                f.down("b1");
                f.pool().eject(f.backend("b1"), Instant.parse("2026-01-01T00:01:00Z"), "3 failures");
                f.pool().reportUnverified(f.backend("b1"), "closed");
                assertThat(f.now().ineligibleBecause(f.backend("b1")))
                        .containsExactly(
                                "held by h (ana): why",
                                "unverified: closed",
                                "configuration not accepted: reports x",
                                "down: refused",
                                "ejected until 2026-01-01T00:01:00Z: 3 failures");
            }
        }

        @Test
        void listenersHearOfEverythingOnce() {
            try (PoolFixture f = new PoolFixture(3)) {
                ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
                f.pools.addListener(new PoolChangeListener() {
                    @Override
                    public void poolChanged(BackendPool pool, PoolSnapshot before, PoolSnapshot now) {
                        heard.add("revision " + now.revision());
                    }

                    @Override
                    public void backendAdded(BackendPool pool, Backend backend) {
                        heard.add("added " + backend.id());
                    }

                    @Override
                    public void backendRetired(BackendPool pool, Backend backend) {
                        heard.add("retired " + backend.id() + "#" + backend.incarnation());
                    }

                    @Override
                    public void backendHeld(BackendPool pool, Backend backend, boolean held) {
                        heard.add(backend.id() + " held " + held);
                    }

                    @Override
                    public void backendObserved(BackendPool pool, Backend backend) {
                        heard.add(backend.id() + " " + backend.observation().health());
                    }

                    @Override
                    public void drainEnded(BackendPool pool, DrainOperation drain) {
                        heard.add(drain.backend() + " " + drain.state());
                    }
                });
                f.hold("b1", "h");
                f.hold("b1", "h2");
                f.change(new PutBackend("b1", "127.0.0.1:9999", null, null));
                f.release("b1", "h");
                f.release("b1", "h2");
                f.down("b2");
                f.down("b2");
                f.up("b2");
                assertThat(heard)
                        .containsExactly(
                                "b1 held true",
                                "revision 2",
                                "b1 DRAINED",
                                "revision 3",
                                "b1 DRAINED",
                                "added b1",
                                "retired b1#1",
                                "revision 4",
                                "revision 5",
                                "b1 held false",
                                "revision 6",
                                "b2 DOWN",
                                "b2 UP");
            }
        }
    }

    @Test
    void unknownPoolsAreRefused() {
        try (PoolFixture f = new PoolFixture(1)) {
            List<PoolChange> nothing = List.of();
            CompletableFuture<ChangeResult> answer =
                    f.pools.change(new ChangeRequest("other", nothing, Precondition.NONE, "a", "", null));
            assertThat(answer)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(ChangeRefusedException.class);
        }
    }
}
