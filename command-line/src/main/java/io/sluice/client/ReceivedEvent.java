package io.sluice.client;

/** A server-sent event as its client sees it; {@code id} is empty when it has none. */
public record ReceivedEvent(String id, String name, String data) {}
