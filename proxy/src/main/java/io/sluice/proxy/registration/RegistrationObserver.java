package io.sluice.proxy.registration;

import java.util.Locale;

/** Told what registrations came to, on any thread. */
public interface RegistrationObserver {
    /** What may happen. */
    enum Event {
        REGISTERED,
        RENEWED,
        LEFT,
        REFUSED,
        EXPIRED;

        /** In a word. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    void happened(Event event);
}
