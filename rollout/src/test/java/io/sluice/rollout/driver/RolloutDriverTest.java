package io.sluice.rollout.driver;

import static io.sluice.rollout.driver.Simulation.CONNECTIONS;
import static io.sluice.rollout.driver.Simulation.NEW_HASH;
import static io.sluice.rollout.driver.Simulation.OLD;
import static io.sluice.rollout.driver.Simulation.OLD_HASH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.driver.RolloutEngine.Ask;
import io.sluice.rollout.driver.RolloutEngine.Submission;
import io.sluice.rollout.driver.RolloutException.Kind;
import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.DesiredConfiguration;
import io.sluice.rollout.plan.Evidence;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Strategy;
import io.sluice.rollout.plan.Verb;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class RolloutDriverTest {
    private static final Deadlines QUICK =
            Deadlines.of(null, Duration.ofSeconds(2), Duration.ofMillis(500), Duration.ofSeconds(2), null);
    private static final Ask ANA = new Ask("ana", "test");

    @Test
    void rolloutBringsEveryInstanceOntoTheNewConfigurationOneAfterTheOther() {
        Simulation simulation = started(1, 5);
        simulation.submit(Requests.plain());
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.exits()).containsOnly(Step.DONE);
        assertThat(simulation.hashes()).containsOnly(NEW_HASH);
        assertThat(simulation.fleet.accepted()).containsExactly(NEW_HASH);
        simulation.assertNobodyWasHurt(4);
    }

    @Test
    void everyInstanceLeavesTheProofOfEachStep() {
        Simulation simulation = started(2, 2);
        simulation.submit(Requests.plain());
        for (InstanceStep step : simulation.finish().steps()) {
            assertThat(step.latest().orElseThrow())
                    .hasNoNullFieldsOrPropertiesExcept("settled")
                    .extracting(
                            "latch.cut",
                            "instanceDrain.inFlight",
                            "apply.oldHash",
                            "verify.hash",
                            "inService.keptOutBy",
                            "health.passed")
                    .containsExactly(0L, 0L, OLD_HASH, NEW_HASH, null, 2);
        }
    }

    @Test
    void idleFleetOfFiveTakesFarLessThanTwoSeconds() {
        Simulation simulation = started(3, 5);
        Instant before = simulation.time.instant();
        simulation.submit(Requests.plain());
        simulation.finish();
        assertThat(Duration.between(before, simulation.time.instant())).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void instanceIsReleasedSoonAfterItsLastSlowRequest() {
        Simulation simulation = started(4, 2);
        simulation.fleet.longestRequest(Duration.ofSeconds(3));
        simulation.time.pass(Duration.ofSeconds(2));
        simulation.submit(Requests.plain());
        InstanceStep step = simulation.finish().steps().get(0);
        Evidence proofs = step.latest().orElseThrow();
        assertThat(Objects.requireNonNull(proofs.hold()).inFlight()).isPositive();
        Duration after = Duration.between(
                Objects.requireNonNull(proofs.latch()).finishedAt(),
                Objects.requireNonNull(proofs.inService()).at());
        assertThat(after).isLessThan(Duration.ofMillis(250));
    }

    @Test
    void whileAnInstanceDrainsItIsWaitedForAndNotAskedAgainAndAgain() {
        Simulation simulation = started(4, 2);
        simulation.fleet.requestInterval(Duration.ofHours(1));
        simulation.time.pass(Duration.ofSeconds(1));
        SimulatedBackend backend = simulation.fleet.backend("webhook-1");
        backend.inFlight++;
        simulation.instance(1).begin();
        simulation.instance(1).begin();
        simulation.submit(Requests.plain());

        assertSilentWhile(simulation, Step.LATCHED);
        backend.inFlight--;
        simulation.instance(1).end();
        assertSilentWhile(simulation, Step.INSTANCE_DRAINED); // one request that came past the proxy
        simulation.instance(1).end();

        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
    }

    /** Shorter than a long poll, and many times longer than any pause between two attempts. */
    private static void assertSilentWhile(Simulation simulation, Step doing) {
        assertThat(simulation.time.runUntil(() -> simulation.isDoing("webhook-1", doing), Duration.ofSeconds(5)))
                .isTrue();
        simulation.time.pass(Duration.ofMillis(100));
        int before = simulation.fleet.calls();
        simulation.time.pass(Duration.ofSeconds(5));
        assertThat(simulation.isDoing("webhook-1", doing)).isTrue();
        assertThat(simulation.fleet.calls()).isEqualTo(before);
    }

    @Test
    void batchesAreTakenTogetherAsFarAsTheFloorAllows() {
        Simulation simulation = new Simulation(5, 6);
        simulation.fleet.minInService(2);
        simulation.start(0);
        simulation.submit(Requests.batches(3, 4));
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.fleet.leastInService()).isEqualTo(4);
        simulation.assertNobodyWasHurt(4);
    }

    @Test
    void poolOfOneIsUpdatedInPlaceWithoutAHold() {
        Simulation simulation = started(6, 1);
        simulation.submit(Requests.plain());
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(rollout.steps().get(0).latest().orElseThrow().hold()).isNull();
        assertThat(simulation.hashes()).containsOnly(NEW_HASH);
        simulation.assertNobodyWasHurt(1);
    }

    @Test
    void failedInPlaceUpdateIsUndone() {
        Simulation simulation = started(7, 1);
        simulation.instance(1).sickenOn(NEW_HASH);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        assertThat(simulation.finish().phase()).isEqualTo(Phase.HALTED);
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        assertThat(simulation.exits()).containsOnly(Step.COMPENSATED);
    }

    @Test
    void refusedConfigurationTouchesNoInstanceAndEveryProblemIsTold() {
        Simulation simulation = started(8, 3);
        for (int i = 0; i < 10; i++) {
            ConfigProblem problem = new ConfigProblem("/" + i, "webhooks", "wrong", "is wrong", null);
            simulation.instance(1).object(problem);
            simulation.instance(2).object(problem);
            simulation.instance(3).object(problem);
        }
        simulation.submit(Requests.plain());
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).isEqualTo(Phase.REJECTED);
        assertThat(rollout.problems())
                .extracting(RolloutProblem::pointer)
                .containsExactly("/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9");
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        assertThat(simulation.fleet.accepted()).isEmpty();
        assertThat(simulation.boundaries).noneMatch(boundary -> boundary.contains("webhook-"));
    }

    @Test
    void instancesThatWouldEndDifferentlyAreRejected() {
        Simulation simulation = new Simulation(9, 3);
        simulation.instance(2).restart(OLD, Simulation.document("connections", 7));
        simulation.start(0);
        simulation.submit(Requests.plain());
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).isEqualTo(Phase.REJECTED);
        assertThat(rollout.problems()).extracting(RolloutProblem::code).containsOnly("different-results");
    }

    @Test
    void unreachableInstanceIsLeftOutAndTheResultIsPartial() {
        Simulation simulation = new Simulation(10, 4);
        simulation.fleet.minInService(2);
        simulation.instance(3).cutOff();
        simulation.start(0);
        simulation.submit(Requests.plain());
        assertThat(simulation.finish().phase()).isEqualTo(Phase.PARTIAL);
        assertThat(simulation.reaches("webhook-3", Step.SKIPPED)).isTrue();
        assertThat(simulation.fleet.accepted()).containsExactly(NEW_HASH);
        assertThat(simulation.engine().desired(SimulatedFleet.POOL))
                .contains(new DesiredConfiguration(SimulatedFleet.POOL, NEW_HASH, "r-1"));
        Future<JsonNode> bundle = simulation.engine().configuration(NEW_HASH);
        waitFor(simulation, bundle::isComplete);
        assertThat(bundle.result().path("connections")).isEqualTo(CONNECTIONS);
    }

    @Test
    void rolloutWaitsAtTheFloorAndGoesOnWhenCapacityIsBack() {
        Simulation simulation = new Simulation(11, 3);
        simulation.fleet.hold("webhook-3", "operator:ana");
        simulation.start(0);
        simulation.submit(Requests.batches(1, 2));
        waitFor(simulation, () -> simulation.engine().list().stream().anyMatch(r -> r.phase() == Phase.PAUSED));
        assertThat(simulation.rollout().status().pauseReason()).isEqualTo(PauseReason.FLOOR);
        assertThat(simulation.rollout().status().detail())
                .startsWith("2 of 3 in service, the pool's floor (min-in-service) is 2; out of service: webhook-3 (")
                .endsWith("goes on when one more is in service or the floor is lower");
        simulation.fleet.requestInterval(Duration.ofMillis(100));
        simulation.time.pass(Duration.ofMinutes(1));
        assertThat(simulation.rollout().phase()).isEqualTo(Phase.PAUSED);
        simulation.fleet.backend("webhook-3").holds.clear();
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.fleet.leastInService()).isEqualTo(2);
    }

    @Test
    void operatorsHoldIsLeftAloneAndItsInstanceIsUpdatedAllTheSame() {
        Simulation simulation = new Simulation(12, 3);
        simulation.fleet.minInService(1);
        simulation.fleet.hold("webhook-2", "operator:ana");
        simulation.start(0);
        simulation.submit(Requests.plain());
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.fleet.backend("webhook-2").holds).containsOnlyKeys("operator:ana");
        assertThat(simulation.hashes()).containsOnly(NEW_HASH);
    }

    @Test
    void pauseFinishesTheInstanceInFlightAndResumeGoesOn() {
        Simulation simulation = started(13, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.isDoing("webhook-1", Step.CONFIG_VERIFIED));
        simulation.act(Verb.PAUSE);
        waitFor(simulation, () -> simulation.rollout().phase() == Phase.PAUSED);
        assertThat(simulation.exits()).containsExactly(Step.DONE, Step.QUEUED, Step.QUEUED);
        simulation.assertNobodyWasHurt(2);
        simulation.fleet.requestInterval(Duration.ofMillis(100));
        simulation.time.pass(Duration.ofMinutes(5));
        assertThat(simulation.rollout().phase()).isEqualTo(Phase.PAUSED);
        simulation.engine().act("r-1", Verb.RESUME, ANA);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
    }

    @Test
    void requestsThatNeverEndStopTheRolloutAndAreNotCut() {
        Simulation simulation = new Simulation(14, 2);
        simulation.fleet.longestRequest(Duration.ofHours(1));
        simulation.time.pass(Duration.ofSeconds(1));
        simulation.start(0);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).isEqualTo(Phase.HALTED);
        assertThat(rollout.steps().get(0).failure()).contains("LATCHED");
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        simulation.assertNobodyWasHurt(1);
    }

    @Test
    void instanceThatCannotBeRestoredStaysOutWithAReason() {
        Simulation simulation = started(15, 3);
        simulation.instance(1).sickenOn(NEW_HASH);
        simulation.instance(1).sickenOn(OLD_HASH);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        Rollout rollout = simulation.finish();
        assertThat(rollout.phase()).isEqualTo(Phase.HALTED);
        assertThat(simulation.exits()).containsExactly(Step.QUARANTINED, Step.QUEUED, Step.QUEUED);
        assertThat(simulation.fleet.backend("webhook-1").holds).containsOnlyKeys("rollout:r-1");
        assertThat(simulation.engine().leftBehind(SimulatedFleet.POOL))
                .extracting(LeftBehind::backend, LeftBehind::hold)
                .containsExactly(tuple("webhook-1", "rollout:r-1"));
    }

    @Test
    void nextRolloutTakesOverWhatAnEarlierOneLeftInQuarantine() {
        Simulation simulation = started(16, 3);
        simulation.instance(1).sickenOn(NEW_HASH);
        simulation.instance(1).sickenOn(OLD_HASH);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        simulation.finish();
        RolloutRequest cure =
                RolloutRequest.of(SimulatedFleet.POOL, ConfigType.WEBHOOKS, Simulation.document("webhooks", 3));
        Future<Submission> second = simulation.engine().submit(cure, null);
        waitFor(
                simulation,
                () -> simulation.engine().find("r-2").filter(Rollout::isOver).isPresent());
        assertThat(second.result().changed()).isTrue();
        assertThat(simulation.engine().find("r-2")).map(Rollout::phase).contains(Phase.SUCCEEDED);
        assertThat(simulation.fleet.backends())
                .allSatisfy(b -> assertThat(b.holds).isEmpty());
        assertThat(simulation.fleet.backends())
                .allSatisfy(b -> assertThat(b.instance.holders()).isEmpty());
        assertThat(simulation.engine().leftBehind(SimulatedFleet.POOL)).isEmpty();
    }

    @Test
    void failedRollbackNeedsAttentionAndASecondRollbackRepairsIt() {
        Simulation simulation = started(17, 3);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        waitFor(simulation, () -> simulation.reaches("webhook-1", Step.DONE));
        simulation.instance(1).sickenOn(OLD_HASH);
        simulation.act(Verb.ROLLBACK);
        waitFor(simulation, () -> simulation.rollout().phase() == Phase.NEEDS_ATTENTION);
        assertThat(simulation.reaches("webhook-1", Step.QUARANTINED)).isTrue();
        simulation.instance(1).heal();
        simulation.engine().act("r-1", Verb.ROLLBACK, ANA);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        simulation.assertNobodyWasHurt(1);
    }

    @Test
    void rollbackAlsoTakesAnInstanceThatWasFoundUnchangedAfterItsChangeHadBegun() {
        Simulation whole = started(40, 3);
        whole.submit(Requests.with(FailurePolicy.HALT, QUICK));
        whole.finish();
        int death = whole.boundaries.indexOf("before apply webhook-2") + 1;
        assertThat(death).isPositive();
        Simulation simulation = new Simulation(40, 3);
        simulation.start(death);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        simulation.time.runUntil(() -> !simulation.isAlive(), Simulation.LIMIT);
        simulation.start(0);
        waitFor(
                simulation,
                () -> simulation
                        .engine()
                        .find("r-1")
                        .flatMap(rollout -> rollout.step("webhook-2"))
                        .filter(step -> step.touched() && step.isQueued())
                        .isPresent());
        simulation.act(Verb.ROLLBACK);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        assertThat(simulation.fleet.accepted()).containsExactly(OLD_HASH);
        simulation.assertNobodyWasHurt(2);
    }

    @Test
    void holdIsRemovedWhenTheProxyIsBackHoweverLongItWasAway() {
        Simulation simulation = started(41, 3);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        waitFor(simulation, () -> simulation.isDoing("webhook-1", Step.HOLD_REMOVED));
        simulation.fleet.proxyAway(true);
        simulation.fleet.requestInterval(Duration.ofSeconds(1));
        simulation.time.pass(Duration.ofMinutes(7));
        assertThat(simulation.isDoing("webhook-1", Step.HOLD_REMOVED)).isTrue();
        simulation.fleet.proxyAway(false);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        simulation.assertNobodyWasHurt(2);
    }

    @Test
    void rollbackThatComesWhileTheRolloutConcludesStillBringsEveryInstanceBack() {
        Simulation simulation = started(42, 3);
        simulation.submit(Requests.with(FailurePolicy.HALT, QUICK));
        waitFor(
                simulation,
                () -> !simulation.engine().list().isEmpty()
                        && simulation.rollout().status().stage() == RolloutStatus.Stage.CONCLUDING
                        && simulation.fleet.accepted().equals(List.of(NEW_HASH)));
        simulation.act(Verb.ROLLBACK);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.ROLLED_BACK);
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        assertThat(simulation.fleet.accepted()).containsExactly(OLD_HASH);
        simulation.assertNobodyWasHurt(2);
    }

    @Test
    void continuingSparesTheBudgetAndEndsPartial() {
        Simulation simulation = started(18, 4);
        simulation.instance(2).sickenOn(NEW_HASH);
        simulation.submit(Requests.with(FailurePolicy.CONTINUE, QUICK));
        assertThat(simulation.finish().phase()).isEqualTo(Phase.PARTIAL);
        assertThat(simulation.exits()).containsExactly(Step.DONE, Step.COMPENSATED, Step.DONE, Step.DONE);
        assertThat(simulation.fleet.accepted()).containsExactlyInAnyOrder(NEW_HASH, OLD_HASH);
        simulation.assertNobodyWasHurt(3);
    }

    @Test
    void instancesThatJoinAreUpdatedAndThoseThatLeaveAreForgotten() {
        Simulation simulation = new Simulation(19, 4);
        simulation.fleet.minInService(1);
        simulation.start(0);
        simulation.submit(Requests.batches(1, 2));
        waitFor(simulation, () -> simulation.reaches("webhook-1", Step.DONE));
        simulation.fleet.remove("webhook-4");
        simulation.fleet.add(new SimulatedInstance("webhook-5", simulation.time, OLD, CONNECTIONS), "webhook-5");
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.hashes()).hasSize(4).containsOnly(NEW_HASH);
        assertThat(simulation.reaches("webhook-5", Step.DONE)).isTrue();
    }

    @Test
    void instanceThatLeavesInTheMiddleOfItsStepIsForgotten() {
        Simulation simulation = new Simulation(20, 4);
        simulation.fleet.minInService(1);
        simulation.start(0);
        simulation.submit(Requests.batches(1, 2));
        waitFor(simulation, () -> simulation.isDoing("webhook-2", Step.HEALTHY));
        simulation.fleet.remove("webhook-2");
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
    }

    @Test
    void instanceThatComesBackEmptyDuringTheRolloutIsBroughtUpAgain() {
        Simulation simulation = started(21, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.isDoing("webhook-2", Step.APPLYING));
        simulation.instance(1).restart(Simulation.document("webhooks", 0), CONNECTIONS);
        simulation.fleet.backend("webhook-1").probe();
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.hashes()).containsOnly(NEW_HASH);
        assertThat(simulation.fleet.violations()).isEmpty();
    }

    @Test
    void rolloutOntoWhatRunsAlreadyTouchesNothing() {
        Simulation simulation = new Simulation(22, 3);
        simulation.fleet.backends().forEach(b -> b.instance.restart(Simulation.NEW, CONNECTIONS));
        simulation.start(0);
        simulation.submit(Requests.plain());
        Rollout rollout = simulation.finish();
        assertThat(rollout.problems()).isEmpty();
        assertThat(rollout.phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.boundaries).noneMatch(boundary -> boundary.contains("hold"));
    }

    @Test
    void brokenFleetCanBeRepaired() {
        Simulation simulation = new Simulation(23, 3);
        simulation.fleet.backends().forEach(b -> b.instance.sickenOn(OLD_HASH));
        simulation.time.pass(Duration.ofSeconds(2));
        simulation.start(0);
        simulation.submit(Requests.plain());
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(simulation.fleet.inService()).isEqualTo(3);
    }

    @Test
    void bakeAndSettleTakeTheirTime() {
        Simulation simulation = started(24, 2);
        Strategy slow = new Strategy(Strategy.Type.ROLLING, 1, Duration.ofMinutes(1), Duration.ofSeconds(10));
        simulation.fleet.requestInterval(Duration.ofMillis(100));
        Instant before = simulation.time.instant();
        simulation.submit(Requests.of(slow, null, null, null));
        waitFor(
                simulation,
                () -> !simulation.engine().list().isEmpty()
                        && simulation.rollout().phase() == Phase.BAKING);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(Duration.between(before, simulation.time.instant()))
                .isBetween(Duration.ofSeconds(80), Duration.ofSeconds(82));
    }

    @Test
    void proxyThatIsAwayPausesTheRolloutUntilItIsBack() {
        Simulation simulation = started(25, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.reaches("webhook-1", Step.DONE));
        simulation.fleet.proxyAway(true);
        waitFor(simulation, () -> simulation.rollout().phase() == Phase.PAUSED);
        assertThat(simulation.rollout().status().pauseReason()).isEqualTo(PauseReason.PROXY);
        simulation.fleet.proxyAway(false);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
    }

    @Test
    void secondRolloutOfABusyPoolIsRefused() {
        Simulation simulation = started(26, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.reaches("webhook-1", Step.DONE));
        Future<Submission> second = submit(simulation, Requests.plain(), "key-2");
        waitFor(simulation, second::isComplete);
        assertThat(second.cause())
                .isInstanceOf(RolloutException.class)
                .extracting("kind", "rolloutId")
                .containsExactly(Kind.POOL_BUSY, "r-1");
    }

    @Test
    void idempotencyKeyAnswersTheSameRolloutAndRefusesAnotherRequest() {
        Simulation simulation = started(27, 2);
        simulation.submit(Requests.plain());
        simulation.finish();
        simulation.kill();
        simulation.start(0);
        Future<Submission> again = submit(simulation, Requests.plain(), "key-1");
        Future<Submission> other = submit(simulation, Requests.batches(2, null), "key-1");
        waitFor(simulation, () -> again.isComplete() && other.isComplete());
        assertThat(again.result().changed()).isFalse();
        assertThat(again.result().rollout().id()).isEqualTo("r-1");
        assertThat(other.cause()).extracting("kind").isEqualTo(Kind.KEY_REUSED);
    }

    @Test
    void abortAndRollbackAreRefusedOnlyWhenAllIsOver() {
        Simulation simulation = started(28, 2);
        simulation.submit(Requests.plain());
        simulation.finish();
        Future<Submission> late = simulation.engine().act("r-1", Verb.ABORT, ANA);
        Future<Submission> unknown = simulation.engine().act("r-9", Verb.ABORT, ANA);
        waitFor(simulation, () -> late.isComplete() && unknown.isComplete());
        assertThat(late.cause()).extracting("kind").isEqualTo(Kind.TERMINAL);
        assertThat(unknown.cause()).extracting("kind").isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void everyChangeIsAnnouncedAfterItWasStoredWithRisingSequence() {
        Simulation simulation = started(29, 2);
        List<RolloutEvent> events = new ArrayList<>();
        simulation.engine().subscribe(event -> {
            assertThat(simulation.rollout()).isEqualTo(event.rollout());
            events.add(event);
        });
        simulation.submit(Requests.plain());
        simulation.finish();
        simulation.time.pass(Duration.ofMillis(1));
        assertThat(events).extracting(RolloutEvent::sequence).isSorted().doesNotHaveDuplicates();
        assertThat(events)
                .extracting(event -> event.rollout().version())
                .isSorted()
                .startsWith(1L);
        assertThat(events.get(events.size() - 1).rollout().phase()).isEqualTo(Phase.SUCCEEDED);
    }

    @Test
    void engineThatCannotWriteItsJournalDoesNothingMore() {
        Simulation simulation = started(30, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.isDoing("webhook-1", Step.LATCHED));
        simulation.disk.fail();
        simulation.fleet.requestInterval(Duration.ofMillis(100));
        simulation.time.pass(Duration.ofMinutes(2));
        assertThat(simulation.engine().stoppedBecause()).isPresent();
        assertThat(simulation.hashes()).containsOnly(OLD_HASH);
        Future<Submission> refused = simulation.engine().submit(Requests.plain(), null);
        waitFor(simulation, refused::isComplete);
        assertThat(refused.cause()).extracting("kind").isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void olderEngineThatIsStillAliveChangesNothingAnyMore() {
        Simulation simulation = started(31, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.isDoing("webhook-1", Step.LATCHED));
        RolloutDriver old = simulation.engine();
        simulation.start(0);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(old.stoppedBecause()).contains("a newer engine reigns");
        simulation.assertNobodyWasHurt(2);
    }

    @Test
    void driftFoundAfterARestartPausesTheRollout() {
        Simulation simulation = started(32, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.isDoing("webhook-2", Step.LATCHED));
        simulation.kill();
        simulation.instance(1).restart(Simulation.document("webhooks", 9), CONNECTIONS);
        simulation.start(0);
        waitFor(simulation, () -> simulation.rollout().phase() == Phase.PAUSED);
        assertThat(simulation.rollout().status().pauseReason()).isEqualTo(PauseReason.RECOVERY);
        assertThat(simulation.rollout().recovery()).anyMatch(line -> line.startsWith("webhook-1 was left on"));
        assertThat(simulation.fleet.backend("webhook-2").holds).isEmpty();
        assertThat(simulation.instance(1).hash())
                .isEqualTo(ConfigHash.ofBundle(Simulation.document("webhooks", 9), CONNECTIONS));
    }

    @Test
    void engineThatWasAwayForLongGivesCapacityBackAndPauses() {
        Simulation simulation = started(33, 3);
        simulation.submit(Requests.plain());
        waitFor(simulation, () -> simulation.isDoing("webhook-2", Step.INSTANCE_DRAINED));
        simulation.kill();
        simulation.fleet.requestInterval(Duration.ofSeconds(1));
        simulation.time.pass(Duration.ofHours(1));
        simulation.start(0);
        waitFor(simulation, () -> simulation.rollout().phase() == Phase.PAUSED);
        assertThat(simulation.rollout().status().pauseReason()).isEqualTo(PauseReason.RECOVERY);
        simulation.assertNobodyWasHurt(2);
        simulation.engine().act("r-1", Verb.RESUME, ANA);
        assertThat(simulation.finish().phase()).isEqualTo(Phase.SUCCEEDED);
    }

    private static Future<Submission> submit(Simulation simulation, RolloutRequest request, String key) {
        return simulation.engine().submit(request, Simulation.key(key, request));
    }

    private static Simulation started(long seed, int instances) {
        Simulation simulation = new Simulation(seed, instances);
        simulation.start(0);
        return simulation;
    }

    private static void waitFor(Simulation simulation, BooleanSupplier condition) {
        assertThat(simulation.time.runUntil(condition, Simulation.LIMIT))
                .as("reached: %s", simulation.engine().list())
                .isTrue();
    }
}
