package io.sluice.proxy.listener;

/**
 * What became of client connections.
 *
 * @param open how many there are now
 * @param accepted how many there have been
 * @param refused closed at once, since there were as many as the listener allows
 * @param refusedToClient closed at once, since their client had as many as one may have
 */
public record ConnectionCounts(int open, long accepted, long refused, long refusedToClient) {}
