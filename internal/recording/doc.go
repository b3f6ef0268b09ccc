// Package recording is the library of recordings: it begins them for rooms, takes
// them in when they are closed, seals them, opens them to those who may look,
// and destroys them when their time has come.
//
// Rooms say who is present, who agreed and what arrives; recorder writes it
// down; recorder/vault seals it. The database says of each recording what became
// of it, and outlives its files.
//
// A [Library] has one goroutine, which takes closed recordings in, one after the
// other, and looks once an hour for those that are to be destroyed; it alone
// seals. Where recordings are put into writing there is one more for each of them at a
// time, and one that tries the service. [Library.Close] waits for them.
package recording
