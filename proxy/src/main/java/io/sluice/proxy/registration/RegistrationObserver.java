package io.sluice.proxy.registration;

/** Told what registrations came to, on any thread. */
public interface RegistrationObserver {
    /** What may happen. */
    enum Event {
        REGISTERED,
        RENEWED,
        LEFT,
        REFUSED,
        EXPIRED
    }

    void happened(Event event);
}
