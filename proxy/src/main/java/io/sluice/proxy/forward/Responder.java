package io.sluice.proxy.forward;

import org.jspecify.annotations.Nullable;

/** Takes the requests of one route to their end, each on the event loop of its client. */
interface Responder {
    /** Returns who is to be given the request's body; null when the request was answered already. */
    @Nullable
    RequestReceiver answer(RequestHead head, Downstream downstream);
}
