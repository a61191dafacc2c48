package io.sluice.rollout.engine;

import io.sluice.rollout.plan.InstanceStep;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Something to be done once the state that asks for it is stored. Doing it twice is harmless. */
public sealed interface Action {
    /** Ask every instance of the pool whether it would take the configuration, and store what all of them would then run. */
    record Examine() implements Action {
        @Override
        public void order(Performer performer) {
            performer.examine(this);
        }
    }

    /** Have the pool admit these configurations. */
    record Admit(List<String> hashes) implements Action {
        public Admit {
            hashes = List.copyOf(hashes);
        }

        @Override
        public void order(Performer performer) {
            performer.admit(this);
        }
    }

    /** Look at the pool. */
    record Survey() implements Action {
        @Override
        public void order(Performer performer) {
            performer.survey(this);
        }
    }

    /** Have the pool admit these configurations, and remove our holds but from {@code keepHeld}. */
    record Conclude(List<String> hashes, Set<String> keepHeld) implements Action {
        public Conclude {
            hashes = List.copyOf(hashes);
            keepHeld = Set.copyOf(keepHeld);
        }

        @Override
        public void order(Performer performer) {
            performer.conclude(this);
        }
    }

    /** Wake the rollout at this time. */
    record Rest(Instant until) implements Action {
        @Override
        public void order(Performer performer) {
            performer.rest(this);
        }
    }

    /** Work towards {@code step.doing()} until {@code step.deadline()}. */
    record Perform(InstanceStep step) implements Action {
        @Override
        public void order(Performer performer) {
            performer.perform(this);
        }
    }

    /** Observe the proxy and every instance that was touched. */
    record Observe() implements Action {
        @Override
        public void order(Performer performer) {
            performer.observe(this);
        }
    }

    void order(Performer performer);

    /** One method for each kind of action. */
    interface Performer {
        void examine(Examine action);

        void admit(Admit action);

        void survey(Survey action);

        void conclude(Conclude action);

        void rest(Rest action);

        void perform(Perform action);

        void observe(Observe action);
    }
}
