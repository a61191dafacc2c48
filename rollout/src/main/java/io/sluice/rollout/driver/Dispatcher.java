package io.sluice.rollout.driver;

import io.sluice.rollout.engine.Action;
import io.sluice.rollout.engine.Event;
import io.sluice.rollout.engine.Failure;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the actions of a decision performed, and turns their ends into events. Used on the engine's thread only. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final FleetWork fleetWork;
    private final InstanceWork instanceWork;
    private final TrafficWork trafficWork;
    private final Patience patience;
    private final Timers timers;
    private final Clock clock;
    private final Office office;

    /** The latest task of each rollout; an earlier one stops when it sees that it is not the latest. */
    private final Map<String, Object> tasks = new HashMap<>();

    /** @param isOver whether a rollout, named by its holder, has ended */
    Dispatcher(Fleet fleet, Timers timers, Predicate<String> isOver, Office office) {
        this.fleetWork = new FleetWork(fleet);
        this.instanceWork = new InstanceWork(fleet, isOver);
        this.trafficWork = new TrafficWork(fleet, timers);
        this.patience = fleet.patience();
        this.timers = timers;
        this.clock = fleet.clock();
        this.office = office;
    }

    /** Where orders come from and reports go to. */
    interface Office {
        /** Whether orders still hold at all. */
        boolean isOpen();

        long epoch();

        Optional<Rollout> find(String id);

        /** How long nobody cared for a rollout before this engine took it up. */
        Duration away(String id);

        void tell(String id, Event event);

        /** Whether a failure is no news of the fleet, because the work is not ours any more. */
        boolean isDeposed(Throwable failure);
    }

    /** Has them performed in the name of {@code rollout}, which asks for them and is stored. */
    void carryOut(Rollout rollout, List<Action> actions) {
        Orders orders = new Orders(rollout);
        actions.forEach(action -> action.order(orders));
    }

    private final class Orders implements Action.Performer {
        private final Rollout rollout;

        Orders(Rollout rollout) {
            this.rollout = rollout;
        }

        @Override
        public void examine(Action.Examine action) {
            task(Stage.EXAMINING, fleetWork::examine);
        }

        @Override
        public void admit(Action.Admit action) {
            task(Stage.ADMITTING, task -> fleetWork.admit(task, action.hashes()));
        }

        @Override
        public void survey(Action.Survey action) {
            task(Stage.SURVEYING, fleetWork::survey);
        }

        @Override
        public void conclude(Action.Conclude action) {
            task(Stage.CONCLUDING, task -> fleetWork.conclude(task, action));
        }

        @Override
        public void observe(Action.Observe action) {
            task(Stage.RECOVERING, task -> fleetWork.observe(task, office.away(rollout.id())));
        }

        @Override
        public void rest(Action.Rest action) {
            timers.after(
                    Duration.between(clock.instant(), action.until()),
                    () -> office.tell(rollout.id(), new Event.Woken()));
        }

        @Override
        public void perform(Action.Perform action) {
            InstanceStep step = action.step();
            BooleanSupplier wanted = () -> office.isOpen()
                    && office.find(rollout.id())
                            .flatMap(now -> now.step(step.backend()))
                            .filter(now -> now.attempt() == step.attempt())
                            .isPresent();
            Work work = new Work(rollout, step, office.epoch(), wanted, new LastWord());
            patience.bounded(Future.succeededFuture().compose(start -> perform(work)), work.deadline())
                    .onSuccess(proof ->
                            office.tell(rollout.id(), new Event.Achieved(step.backend(), step.attempt(), proof)))
                    .onFailure(failure -> {
                        if (!office.isDeposed(failure)) {
                            explain(work, failure);
                        }
                    });
        }

        /** A backend that was removed from the pool fails in all kinds of ways, so the pool is asked first. */
        private void explain(Work work, Throwable cause) {
            if (!(cause instanceof WorkException || cause instanceof ControlException)) {
                LOG.warn(
                        "{} of rollout {}: {}",
                        work.step().backend(),
                        rollout.id(),
                        work.step().doing(),
                        cause);
            }
            InstanceStep step = work.step();
            trafficWork
                    .isMember(work)
                    .map(member -> member
                            ? work.lastWord().failure(step, cause)
                            : Failure.of(Failure.Kind.GONE, "is no longer in the pool"))
                    .onSuccess(failure ->
                            office.tell(rollout.id(), new Event.Failed(step.backend(), step.attempt(), failure)));
        }

        private Future<Proof> perform(Work work) {
            return switch (Objects.requireNonNull(work.step().doing(), "doing")) {
                case PRECHECK -> instanceWork.precheck(work);
                case HOLD_ADDED -> trafficWork.hold(work);
                case LATCHED -> trafficWork.latch(work);
                case INSTANCE_DRAINED -> instanceWork.drain(work);
                case APPLYING -> instanceWork.apply(work);
                case CONFIG_VERIFIED -> instanceWork.verify(work);
                case UNDRAINED -> instanceWork.undrain(work);
                case HEALTHY -> instanceWork.heal(work);
                case HOLD_REMOVED -> trafficWork.release(work);
                case IN_SERVICE -> trafficWork.confirm(work);
                case SETTLED -> trafficWork.settle(work);
                case QUEUED, DONE, SKIPPED, COMPENSATED, QUARANTINED, LOST ->
                    throw new IllegalStateException(
                            "no work leads to " + work.step().doing());
            };
        }

        private void task(Stage stage, Function<FleetWork.Task, Future<Event>> work) {
            Object token = new Object();
            tasks.put(rollout.id(), token);
            FleetWork.Task task = new FleetWork.Task(
                    rollout, office.epoch(), () -> office.isOpen() && tasks.get(rollout.id()) == token);
            Future.succeededFuture()
                    .compose(start -> work.apply(task))
                    .onSuccess(event -> office.tell(rollout.id(), event))
                    .onFailure(failure -> {
                        if (!office.isDeposed(failure)) {
                            office.tell(rollout.id(), new Event.TaskFailed(stage, WorkException.failure(failure)));
                        }
                    });
        }
    }
}
