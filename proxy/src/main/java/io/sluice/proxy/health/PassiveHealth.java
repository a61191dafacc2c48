package io.sluice.proxy.health;

import io.sluice.proxy.pool.Backend;

/** Watches how the traffic of one pool's backends fares. Called from all event loops. */
public interface PassiveHealth {
    /** Watches nothing. */
    PassiveHealth NONE = new PassiveHealth() {
        @Override
        public void succeeded(Backend backend) {}

        @Override
        public void failed(Backend backend, String why) {}
    };

    /** A response came, whatever its status below 500. */
    void succeeded(Backend backend);

    /** An attempt failed in a way that speaks against the backend. */
    void failed(Backend backend, String why);
}
