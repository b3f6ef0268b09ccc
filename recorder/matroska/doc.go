// Package matroska writes WebM and Matroska files of one track so that they
// play whatever becomes of the writing process, and repairs what a kill left.
//
// A file is a head of fixed size, then clusters, each of a second at most and
// written whole with its size in front. Until it is closed the file is what a
// live stream is: a segment of unknown size. At every byte it may be cut, and
// loses no more than the cluster in which it is cut. Close, and Repair for a file
// that nobody closed, write the index at its end, and the duration, the places
// and the size into the head, where room was left for them.
//
// Nothing here has a goroutine, a clock or a lock.
package matroska
