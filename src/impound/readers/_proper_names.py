"""Names that a list of words in lower case takes for words: people, and places people are named after. Data only.

pyspellchecker's list counts words in lower case and keeps some of these; a mailbox called ``jonathan`` or ``harding``
is a person all the same. They are the entries of that list which the English word list SCOWL (Kevin Atkinson; Debian's
wamerican 2020.12.07) knows only with a capital, without days, peoples, creeds and brands; and a few given names more,
some of them rare words too (``martin``).
"""

PROPER_NAMES = frozenset(
    """
    abbott abby abdul abe abel abigail abraham achilles ada adam adams addison adele adolf adrian afghanistan africa
    afro agnes aida alabama alan alaska alaskan albany albert alec alex alexander alexis alfred algiers ali alice
    alicia alison alistair allan allen allison alma alphonse alvin amanda ambrose amelia america amy ana anderson
    andre andrea andrew andrews andromeda andy angela angelina angelo angie angus anita ann anna anne annie anthony
    antoine anton antonio antony apache apollo april arabic archie ariel arizona armour arnold arthur artie aryan
    ashley asia athens atkins atlanta atlantic atlantis attila audrey aurora austin australia ava ave avery aztec
    babylon bahamas bailey baltic baltimore bangalore bangkok barbara barbie barnes barry bart baruch basho batman
    bauer baxter beatles beatrice beckett becky beethoven bella ben benedict benjamin bennett benny berlin bernard
    bernie bert beth bethany betsy bette betty beverly bilbo billie billy blaine blair blake blanche blondie bobby
    bogart bombay bono booker boone boris boston bourne bowie boyd boyle bradley brady brandon brazil bree brenda
    brendan brennan brent brett brian bridget britain britney britons brits brittany brooke brooklyn bros bruce
    bruno bryan bryce buffy burke burt caesar cain caitlin cajun caleb california callie calvin camelot cameron
    camilla camille campbell canada candace cannes capone cara carl carla carlo carlos carly carmen carol carolina
    caroline carolyn carrie carson carter carthage cary casey cassie catherine cathy cedric celeste celia ceres chan
    chanel chang charles charleston charley charlie charlotte che chelsea chen cheryl chesapeake chester chicago
    chloe chris christian christianity christina christine christopher christy chung churchill cid cinderella cindy
    claire clara clarence clark clarke claude claudia claus clayton clemens clementine cleveland clint clinton clive
    clyde cobb cochise cody cole colin collins colorado columbia columbus como comte conn connecticut connie connors
    conrad constance constantine copenhagen corleone cornwall cory courtney craig cristina cruz cuba cuban cummings
    curtis cyclops cynthia cyrus dada dallas damian damien damon dan dana danes daniel danielle danny daphne darcy
    darren darryl darth dave david davis dawson debbie decker dee delhi della delores denise dennis denny denver
    derek descartes desmond detroit devon dexter diana diane dickens diego diem dillon dino dion disney dixie dixon
    dolores dominic dominican dona donald donna donnie donny dora dorian doris dorothy doug douglas dow doyle duane
    dulles dumbledore duncan dwight dylan easter eddie eden edgar edith edmond edmund edna edward edwards egypt
    eiffel eileen einstein elaine eleanor elena eli elias elijah eliot elise eliza elizabeth ella ellen ellie elliot
    elliott ellis elmo eloise elsa elvis emerson emil emile emilio emily emma emmett emmy england englishman
    englishmen eric erica erik erika erin ernest ernesto ernie eros essex esteban estes esther ethan ethel eugene
    europe eva evan evans evelyn ewing ezra fabian faraday felix fernando ferris filipinos finn fiona fischer fisk
    fitch flanders fleming fletcher florence flores florida floyd flynn forrest fran france frances francis
    franciscan francisco franco frankie franklin fred freddie freddy frederick frenchmen frisco fritz frobisher
    fuentes gabriel gaines garcia garrett garth gary gatling gavin geoffrey george georges georgia gerald germany
    gerry gibbs gideon gil gilbert giles gillian gina ginny gino gladys glenn gloria goa godzilla goldilocks goliath
    gordon gotham grady graham greg gregory greta gretchen grimm gulliver gus gwen hades hal haley hamilton hammond
    han hanna hannah hannibal hans harding harlan harley harold harper harriet harris harrison harvard harvey
    hastings hawaii hawkins haynes heather heidi helen helena hells henderson hendricks henri henry hera herbert
    hercules herman hermes higgins highlanders hilary hillary hodges hogwarts holland hollywood holmes holt hong
    hoover hopkins horace howard hubble huck hudson hugh hummer humphrey ian ida igor ike ina india ingrid interpol
    ira iraq iraqi ireland irene irving isaac isabel isabella isabelle israel israeli italy ito ivan ives jackie
    jackson jacky jacob jacqueline jacques jaime jake jamaican jamal james jamie jan jane janet janice janine jared
    jason java javier jean jeff jefferson jeffrey jenkins jenna jennifer jennings jenny jeremy jerome jerry
    jerusalem jess jesse jessica jessie jesuits jill jillian jim jimmy joan joanna jody joe joel joey johanna
    johannes john johnny johnson jon jonah jonas jonathan jones jordan jorge jose josef joseph josephine joshua
    joyce juan judas jude judith judy jules julia julian julie juliet juliette julio julius jun june jung jupiter
    justin justine kaiser kane kansas kara karen karl kat kate katherine kathleen kathy katie katy kay keith kelly
    kendall kennedy kenneth kenny kent kentucky kevin kim kimberly kip kirk kirsten klaus kohl kong kris kristen
    kurt kyle lacey lakota lana lang langley lara larry lars laura lauren laurent laurie lawrence leah lear leary
    leeds leigh leila leland len lena lenny lenore leo leon leonard leonardo leslie lester letterman lew lewis liam
    libyan lila lilian lillian lilly lima lin lincoln linda lindsay lindsey lionel lisa liz liza lizzie lloyd locke
    logan lois lola lon london lorenzo lori lorraine lou louie louis louise lucas lucian lucius lucy luis luke lulu
    luna luther luz lydia lyle lyme lynette lynn lyons mack mackenzie madeleine madeline madison madonna mae maggie
    magog mai malcolm maldives mallory malone mandy manhattan mani manila manuel mara marc marcel marco marcus
    margaret marge marian marianne marie marilyn marin mario marion marissa marlon marseilles marshall martha martin
    martinez marty marvin mary matthew matthews maureen maurice maxine maya mayan mccarthy mcgee mckay mcqueen meade
    megan mel melanie melinda melissa mercedes meredith merlin merlyn mexican mexico meyers mia miami mich michael
    michel michelle michigan mick miguel mike milan mildred millie milo milton mimi mindy ming mir mira miranda
    mississippi missy mit mitch mitchell moe mohammed moira molly mona monica monroe monte montgomery monty moore
    morales morgan moroccan morris morse mort moscow moses muhammad mulder mumbai murphy murray myers myles nadia
    nadine nam nancy nanjing nanking naomi naples napoleon nash nat natalie natasha nate nathan neal ned neil nell
    nelly nelson nero nicaraguan nicholas nick nicole nigel nikki nikolai nile nils nimrod nina nixon noah nolan
    nora norma norman oates obama odin ohio oklahoma olga oliver olivia ollie omar oprah oregon orestes orion
    orleans oscar oswald otis otto owen owens pablo paige pakistan pakistani palmer pam pamela panama paris parker
    pascal patricia patrick paul paula pauline pedro peggy peking penelope penn pennsylvania percy peregrine perkins
    perry pershing pete peter phil philadelphia philip philippe philippine phillip phillips philly phyllis picard
    pierre pilate pisces pluto pocahontas podunk pogo poirot poland polly ponce portland prague preston priscilla
    quentin quincy quinn rachel rafael rah raj ralph ramon ramses rand randall raquel raul raymond rebecca reese reg
    reggie regina reid reilly rene renee reno rex reynolds ricardo richard richards richie richmond richter ricky
    rico riley rio rita robbie robbins robert roberto roberts rocco rodney roland rollins rome romeo ron ronald
    ronnie roosevelt rorschach rory rosa rosetta rosie ross rowan roxanne roxy roy rudolph rudy rufus ruiz rupert
    russ russell russia ruth ryan sabine sadie sal salvatore sam samantha samaritan sammy samuel san sanchez sandra
    santa santiago santos sara sarah sasha saturn saudi saul saunders saxons schmidt schneider scot scotland scott
    scotty scylla sean seattle sebastian seoul serena sergei sergio seth seymour shakespeare shane shankar shannon
    sharon shaun shaw shawn sheila shelby sheldon shelly sheppard sherlock sherman shirley shiva sicily sid sidney
    siegfried silas silva simmons simon simone simpsons sinclair singh skinner skippy skye slater sloan sloane
    smokey snyder socrates sofia solomon sonia sophia sophie spaniards spartacus spence spencer spock springfield
    stacey stacy stan stanley staten stefan stella stephanie stephen steve steven stevens stevie stewart stirling
    stu stuart sullivan susan susie suzanne sven swedes sydney sykes sylvester sylvia tamara tammy tangiers tanya
    tao tara tarzan tasha tate taylor ted teddy templar tennessee terence teresa terra terrance terrence tesla tess
    tessa texas thailand thames thea theodore theresa therese thomas thor thunderbird tiffany tim timmy timothy tina
    tito titus tobias toby tod todd tokyo tomas tommy tony torres tory toto tracy travis trent trevor trey tristan
    trojan trudy truman turing tuscan tyler tyrone tyson ulysses una underwood ursula utah val valerie vance vanessa
    vargas vega venice venus vera vernon veronica versailles vic vicki vicky victoria vienna vietnam viking vince
    vincent virgil virginia vito vivian vlad vladimir vulcan waldorf wallace wally walsh walt walter walters wanda
    wang waring warner washington waterloo watkins wayne webster wei weiss welles wendy wesley whitehall whitney
    wilkes wilkins william williams willie willis willy wilson winchester winifred winkle winnie winston wong wyatt
    wyoming xanadu xavier xerxes yale yang yankee yates yellowstone yemen yoda yoko yolanda yong yonkers york
    yorkshire yuri yves yvette yvonne zach zachary zeke zeus zoe zulu
    """.split()  # noqa: SIM905  (a list of quoted words is harder to read)
)
