"""Hands a film over to an editing program: its shots as a timeline, with their media.

cut        the edit, as values
formats    the formats that it can be written in
programs   the editing programs: what each reads, and what it leaves out
read_cut   a film that is made → the edit
markers    shots, gates and notes as markers
start_codes  the time code at which each medium begins
stems      the parts of a film's sound
beside     subtitles and LUTs
note_markers  where the film shows what a note is about
otio       the edit as OpenTimelineIO's JSON
otioz      the edit and its media in one file
edl        the edit as an EDL, CMX 3600
fcp7       the edit as the XML of Final Cut Pro 7
fcpxml     the edit as FCPXML, Final Cut's own
mlt        the edit as MLT XML
shot_list  the edit as CSV
captions   the edit as SRT and WebVTT
writers    each format that was asked for, in the dialect of a program
shots_page the shots as a page that can be printed
readme     what is said to the person who gets the folder
zipped     the folder as one ZIP
media_folder  writes the media
handover   writes the folder that is handed over
"""
