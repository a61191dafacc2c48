package io.sluice.rollout.engine;

import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Verb;
import java.time.Duration;
import java.util.List;

/** What happened to a rollout. An event that no longer fits the state changes nothing. */
public sealed interface Event {
    /** The rollout may start. */
    record Begun() implements Event {
        @Override
        public void tell(Listener listener) {
            listener.begun(this);
        }
    }

    /** The pre-flight has asked every instance. */
    record Examined(PoolView view, List<Examination> instances) implements Event {
        public Examined {
            instances = List.copyOf(instances);
        }

        @Override
        public void tell(Listener listener) {
            listener.examined(this);
        }
    }

    /** The pool admits the old and the new configuration. */
    record Admitted() implements Event {
        @Override
        public void tell(Listener listener) {
            listener.admitted(this);
        }
    }

    record Surveyed(PoolView view) implements Event {
        @Override
        public void tell(Listener listener) {
            listener.surveyed(this);
        }
    }

    /** The pool admits what the fleet runs, and no hold is left that nobody needs. */
    record Concluded() implements Event {
        @Override
        public void tell(Listener listener) {
            listener.concluded(this);
        }
    }

    /** What the rollout as a whole was doing in {@code stage} did not succeed in time. */
    record TaskFailed(Stage stage, Failure failure) implements Event {
        @Override
        public void tell(Listener listener) {
            listener.taskFailed(this);
        }
    }

    record Achieved(String backend, int attempt, Proof proof) implements Event {
        @Override
        public void tell(Listener listener) {
            listener.achieved(this);
        }
    }

    record Failed(String backend, int attempt, Failure failure) implements Event {
        @Override
        public void tell(Listener listener) {
            listener.failed(this);
        }
    }

    record Asked(Verb verb, String author, String reason) implements Event {
        @Override
        public void tell(Listener listener) {
            listener.asked(this);
        }
    }

    /** The time came that the rollout rested for. */
    record Woken() implements Event {
        @Override
        public void tell(Listener listener) {
            listener.woken(this);
        }
    }

    /** The engine was started and found this rollout in its journal. */
    record Restarted() implements Event {
        @Override
        public void tell(Listener listener) {
            listener.restarted(this);
        }
    }

    /** After a restart: how the fleet is, and how long no engine cared for it. */
    record Observed(PoolView view, List<Observation> instances, Duration away) implements Event {
        public Observed {
            instances = List.copyOf(instances);
        }

        @Override
        public void tell(Listener listener) {
            listener.observed(this);
        }
    }

    void tell(Listener listener);

    /** One method for each kind of event. */
    interface Listener {
        void begun(Begun event);

        void examined(Examined event);

        void admitted(Admitted event);

        void surveyed(Surveyed event);

        void concluded(Concluded event);

        void taskFailed(TaskFailed event);

        void achieved(Achieved event);

        void failed(Failed event);

        void asked(Asked event);

        void woken(Woken event);

        void restarted(Restarted event);

        void observed(Observed event);
    }
}
